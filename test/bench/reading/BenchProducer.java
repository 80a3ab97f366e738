import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills one partition per line of JSON with Kafka's own producer, and answers what a reader must find there. */
public class BenchProducer {
  private static final ObjectMapper json = new ObjectMapper();
  private static final int TRANSACTION_RECORDS = 1_000;
  /** Every so many transactions one is aborted; of so many records compaction leaves one. */
  private static final int ONE_IN = 10;
  /** Behind the compacted records, so that none of them lies in the active segment, which is never compacted. */
  private static final int FILLER_RECORDS = 60;
  private static final int FILLER_BYTES = 100_000;
  private static final String[] WORDS = {
    "alpine", "basket", "cotton", "desk", "enamel", "folding", "garden", "hammock", "iron", "jug", "kettle", "lamp",
    "marble", "nylon", "oak", "pillow", "quilt", "rattan", "shelf", "teak", "urn", "velvet", "walnut", "zinc"
  };
  private static final String[] STATUSES = {"new", "paid", "sent", "done"};
  private static final String[] COUNTRIES = {"AT", "BE", "CH", "DE", "ES", "FR", "GB", "IT", "NL", "PL", "SE", "US"};
  private static final String[] CURRENCIES = {"CHF", "EUR", "GBP", "USD"};
  private static final long FIRST_ORDER_AT = 1_790_000_000_000L;

  private final String bootstrapServers;
  private final JsonNode task;
  private final AtomicReference<Exception> failure = new AtomicReference<>();
  private final Totals visible = new Totals();

  private static final class Totals {
    long records;
    long offsetSum;
    long keyBytes;
    long valueBytes;
    long lastOffset = -1;

    void add(long offset, ProducerRecord<byte[], byte[]> record) {
      records += 1;
      offsetSum += offset;
      keyBytes += record.key().length;
      valueBytes += record.value().length;
      lastOffset = Math.max(lastOffset, offset);
    }

    void add(Totals other) {
      records += other.records;
      offsetSum += other.offsetSum;
      keyBytes += other.keyBytes;
      valueBytes += other.valueBytes;
      lastOffset = Math.max(lastOffset, other.lastOffset);
    }
  }

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(new BenchProducer(args[0], json.readTree(line)).fill());
    }
  }

  private BenchProducer(String bootstrapServers, JsonNode task) {
    this.bootstrapServers = bootstrapServers;
    this.task = task;
  }

  private String fill() throws Exception {
    String layout = task.get("layout").asText();
    long written;
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(properties(layout))) {
      written = layout.equals("transactional") ? fillTransactions(producer) : fillPlain(producer, layout);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
    return json.createObjectNode()
        .put("records", visible.records)
        .put("offsetSum", visible.offsetSum)
        .put("keyBytes", visible.keyBytes)
        .put("valueBytes", visible.valueBytes)
        .put("lastOffset", visible.lastOffset)
        .put("untilOffset", written)
        .toString();
  }

  private long fillPlain(KafkaProducer<byte[], byte[]> producer, String layout) {
    boolean isCompacted = layout.equals("compacted");
    int records = task.get("records").asInt();
    Random random = new Random(1);
    for (int index = 0; index < records; index++) {
      // The last record of each key survives: every tenth has a key of its own, the others share nine.
      boolean isUnique = !isCompacted || index % ONE_IN == ONE_IN - 1;
      boolean survives = isUnique || index >= records - ONE_IN;
      send(producer, record(isUnique ? index : index % ONE_IN, random), survives ? visible : new Totals());
    }
    byte[] filler = new byte[FILLER_BYTES];
    for (int index = 0; isCompacted && index < FILLER_RECORDS; index++) {
      random.nextBytes(filler);
      producer.send(new ProducerRecord<>(task.get("topic").asText(), 0, "filler".getBytes(), filler.clone()));
    }
    return records;
  }

  private long fillTransactions(KafkaProducer<byte[], byte[]> producer) {
    int records = task.get("records").asInt();
    Random random = new Random(1);
    producer.initTransactions();
    for (int first = 0; first < records; first += TRANSACTION_RECORDS) {
      Totals sent = new Totals();
      producer.beginTransaction();
      for (int index = first; index < Math.min(first + TRANSACTION_RECORDS, records); index++) {
        send(producer, record(index, random), sent);
      }
      producer.flush();
      if (first / TRANSACTION_RECORDS % ONE_IN == ONE_IN / 2) {
        producer.abortTransaction();
      } else {
        producer.commitTransaction();
        visible.add(sent);
      }
    }
    return visible.lastOffset + 1;
  }

  /** The totals grow in the producer's one thread, in the order of the log. */
  private void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record, Totals totals) {
    producer.send(
        record,
        (metadata, exception) -> {
          if (exception != null) {
            failure.compareAndSet(null, exception);
          } else {
            totals.add(metadata.offset(), record);
          }
        });
  }

  private ProducerRecord<byte[], byte[]> record(int keyNumber, Random random) {
    byte[] key = String.format("k%09d", keyNumber).getBytes(StandardCharsets.UTF_8);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(task.get("topic").asText(), 0, key, content(keyNumber, random));
    for (int index = 0; index < task.get("headers").asInt(); index++) {
      record.headers().add("header-" + index, Long.toString(random.nextInt()).getBytes(StandardCharsets.UTF_8));
    }
    return record;
  }

  private byte[] content(int keyNumber, Random random) {
    int bytes = task.get("valueBytes").asInt();
    return task.path("isJson").asBoolean() ? object(keyNumber, bytes, random) : value(bytes, random);
  }

  /** One JSON object in one line, of about the length: an order with its lines. Its columns are in order-columns.ts. */
  private static byte[] object(int number, int bytes, Random random) {
    StringBuilder text = new StringBuilder(bytes + 200);
    Instant createdAt = Instant.ofEpochMilli(FIRST_ORDER_AT + 40L * number + random.nextInt(40));
    text.append("{\"orderId\":\"ord-").append(number).append("\",\"customerId\":").append(random.nextInt(10_000_000));
    text.append(",\"session\":\"").append(Long.toHexString(random.nextLong())).append("\",\"createdAt\":\"").append(createdAt);
    text.append("\",\"status\":\"").append(oneOf(STATUSES, random)).append("\",\"country\":\"").append(oneOf(COUNTRIES, random));
    text.append("\",\"currency\":\"").append(oneOf(CURRENCIES, random)).append("\",\"isGift\":").append(random.nextInt(ONE_IN) == 0);
    text.append(",\"lines\":[");
    int items = 0;
    int cents = 0;
    for (int line = 0; text.length() < bytes - 165; line++) {
      int quantity = 1 + random.nextInt(5);
      int unitPrice = random.nextInt(100_000);
      text.append(line == 0 ? "" : ",").append("{\"sku\":\"SKU-").append(random.nextInt(1_000_000));
      text.append("\",\"name\":\"").append(oneOf(WORDS, random)).append(' ').append(oneOf(WORDS, random));
      text.append("\",\"quantity\":").append(quantity).append(",\"unitPrice\":").append(unitPrice / 100.0).append("}");
      items += quantity;
      cents += quantity * unitPrice;
    }
    text.append("],\"itemCount\":").append(items).append(",\"total\":").append(cents / 100.0);
    if (random.nextInt(4) > 0) {
      text.append(",\"note\":\"").append(Long.toString(Math.abs(random.nextLong()), 36)).append("\"");
    }
    return text.append("}").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String oneOf(String[] values, Random random) {
    return values[random.nextInt(values.length)];
  }

  /** Lines of JSON cut to length: they compress about as well as events do. */
  private static byte[] value(int bytes, Random random) {
    StringBuilder text = new StringBuilder(bytes + 80);
    while (text.length() < bytes) {
      text.append("{\"user\":\"").append(Long.toString(Math.abs(random.nextLong()), 36));
      text.append("\",\"action\":\"").append(random.nextInt(3) == 0 ? "purchase" : "page-view");
      text.append("\",\"amount\":").append(random.nextInt(100_000)).append("}\n");
    }
    return text.substring(0, bytes).getBytes(StandardCharsets.UTF_8);
  }

  private Properties properties(String layout) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrapServers);
    properties.put("acks", "all");
    properties.put("compression.type", task.get("codec").asText());
    properties.put("key.serializer", ByteArraySerializer.class.getName());
    properties.put("value.serializer", ByteArraySerializer.class.getName());
    if (layout.equals("transactional")) {
      properties.put("transactional.id", UUID.randomUUID().toString());
    }
    return properties;
  }
}
