import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kafka's own client, answering one line of JSON per line: `fill` makes a random topic of one partition from a seed,
 * `read` says what the Java consumer finds in a range of it.
 */
public class JavaOracle {
  private static final ObjectMapper json = new ObjectMapper();
  private static final String[] CODECS = {"none", "gzip", "snappy", "lz4", "zstd"};
  private static final int TRANSACTIONAL_PRODUCERS = 4;
  private static final int HOT_KEYS = 10;
  private static final long DEADLINE_MS = 60_000;
  private static final long BASE_TIMESTAMP = 1_700_000_000_000L;

  private final String bootstrapServers;
  private final Admin admin;
  private final Map<String, KafkaConsumer<byte[], byte[]>> consumers = new HashMap<>();

  public static void main(String[] args) throws Exception {
    JavaOracle oracle = new JavaOracle(args[0]);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(oracle.answer(json.readTree(line)));
    }
    System.exit(0);
  }

  private JavaOracle(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    for (String isolationLevel : List.of("read_committed", "read_uncommitted")) {
      Properties properties = new Properties();
      properties.put("bootstrap.servers", bootstrapServers);
      properties.put("isolation.level", isolationLevel);
      properties.put("enable.auto.commit", "false");
      properties.put("auto.offset.reset", "none");
      // A fetch ahead at the end of the log must not hold the next range up.
      properties.put("fetch.max.wait.ms", "5");
      properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
      properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
      consumers.put(isolationLevel, new KafkaConsumer<>(properties));
    }
  }

  private ObjectNode answer(JsonNode task) {
    try {
      return task.get("command").asText().equals("fill") ? new RandomTopic(task).fill() : read(task);
    } catch (Exception exception) {
      return json.createObjectNode().put("error", exception.toString());
    }
  }

  private ObjectNode read(JsonNode task) throws Exception {
    TopicPartition partition = new TopicPartition(task.get("topic").asText(), 0);
    ArrayNode records = json.createArrayNode();
    long untilOffset = task.get("untilOffset").asLong();
    KafkaConsumer<byte[], byte[]> consumer = consumers.get(task.get("isolationLevel").asText());
    consumer.assign(List.of(partition));
    consumer.seek(partition, task.get("fromOffset").asLong());
    long deadline = System.currentTimeMillis() + DEADLINE_MS;
    while (consumer.position(partition) < untilOffset) {
      requireBefore(deadline, "the consumer reaches " + untilOffset);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        if (record.offset() < untilOffset) {
          records.add(record.offset() + " " + digest(record));
        }
      }
    }
    return json.createObjectNode().set("records", records);
  }

  /** Of all that a record holds; java-oracle.ts computes the same. */
  private static String digest(ConsumerRecord<byte[], byte[]> record) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(record.timestamp());
    writeBytes(out, record.timestampType().toString().getBytes(StandardCharsets.UTF_8));
    writeBytes(out, record.key());
    writeBytes(out, record.value());
    for (Header header : record.headers()) {
      writeBytes(out, header.key().getBytes(StandardCharsets.UTF_8));
      writeBytes(out, header.value());
    }
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes.toByteArray()));
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws Exception {
    out.writeInt(bytes == null ? -1 : bytes.length);
    out.write(bytes == null ? new byte[0] : bytes);
  }

  private static void requireBefore(long deadline, String what) {
    if (System.currentTimeMillis() > deadline) {
      throw new IllegalStateException(DEADLINE_MS + " ms passed before " + what);
    }
  }

  private final class Writer {
    final KafkaProducer<byte[], byte[]> producer;
    final boolean isTransactional;
    /** Of the open transaction; −1 when there is none. */
    long firstOffset = -1;

    Writer(String codec, boolean isTransactional, int batchBytes) {
      this.isTransactional = isTransactional;
      Properties properties = new Properties();
      properties.put("bootstrap.servers", bootstrapServers);
      properties.put("acks", "all");
      properties.put("linger.ms", "1000");
      properties.put("batch.size", Integer.toString(batchBytes));
      properties.put("compression.type", codec);
      properties.put("key.serializer", ByteArraySerializer.class.getName());
      properties.put("value.serializer", ByteArraySerializer.class.getName());
      if (isTransactional) {
        properties.put("transactional.id", UUID.randomUUID().toString());
        properties.put("transaction.timeout.ms", "600000");
      }
      producer = new KafkaProducer<>(properties);
      if (isTransactional) {
        producer.initTransactions();
      }
    }

    boolean isOpen() {
      return firstOffset >= 0;
    }

    void end(boolean isCommitted) {
      if (isCommitted) {
        producer.commitTransaction();
      } else {
        producer.abortTransaction();
      }
      firstOffset = -1;
    }
  }

  private final class RandomTopic {
    private final Random random;
    private final TopicPartition partition;
    private final boolean isCompacted;
    private final int steps;
    private final List<Writer> writers = new ArrayList<>();
    private long timestamp = BASE_TIMESTAMP;
    private long records = 0;
    private long markers = 0;

    RandomTopic(JsonNode task) {
      random = new Random(task.get("seed").asLong());
      partition = new TopicPartition(task.get("topic").asText(), 0);
      isCompacted = task.get("isCompacted").asBoolean();
      steps = task.get("steps").asInt();
    }

    ObjectNode fill() throws Exception {
      createTopic();
      for (int index = 0; index < TRANSACTIONAL_PRODUCERS + CODECS.length; index++) {
        boolean isTransactional = index < TRANSACTIONAL_PRODUCERS;
        String codec = CODECS[isTransactional ? random.nextInt(CODECS.length) : index - TRANSACTIONAL_PRODUCERS];
        writers.add(new Writer(codec, isTransactional, 200 << random.nextInt(8)));
      }
      for (int step = 0; step < steps; step++) {
        write(writers.get(random.nextInt(writers.size())));
      }
      boolean leavesOpen = random.nextBoolean();
      for (Writer writer : writers) {
        if (writer.isOpen() && !leavesOpen) {
          end(writer);
        }
      }
      ObjectNode bounds = awaitBounds();
      if (isCompacted) {
        awaitCompaction(bounds);
      }
      return deleteRecords(bounds).put("written", records).put("markers", markers);
    }

    private void createTopic() throws Exception {
      Map<String, String> config = new HashMap<>();
      config.put("retention.ms", "-1");
      config.put("message.timestamp.type", random.nextInt(4) == 0 ? "LogAppendTime" : "CreateTime");
      if (isCompacted) {
        // Every batch closes the segment before it, and the cleaner takes what is closed at once.
        config.put("cleanup.policy", "compact,delete");
        config.put("segment.ms", "1");
        config.put("min.cleanable.dirty.ratio", "0.001");
        config.put("delete.retention.ms", "0");
        config.put("max.compaction.lag.ms", "100");
      }
      admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1).configs(config))).all().get();
    }

    /** One flush of one producer: one batch, or several where they do not fit in one. */
    private void write(Writer writer) throws Exception {
      if (writer.isTransactional && !writer.isOpen()) {
        writer.producer.beginTransaction();
      }
      timestamp += 1_000;
      int count = 1 + random.nextInt(random.nextInt(8) == 0 ? 60 : 8);
      Future<RecordMetadata> first = null;
      for (int index = 0; index < count; index++) {
        Future<RecordMetadata> sent = writer.producer.send(record());
        first = first == null ? sent : first;
      }
      writer.producer.flush();
      records += count;
      long firstOffset = first.get().offset();
      if (writer.isTransactional) {
        writer.firstOffset = writer.isOpen() ? writer.firstOffset : firstOffset;
        if (random.nextInt(5) < 2) {
          end(writer);
        }
      }
    }

    private void end(Writer writer) {
      writer.end(random.nextInt(5) < 3);
      markers += 1;
    }

    private ProducerRecord<byte[], byte[]> record() {
      long at = random.nextInt(20) == 0 && !isCompacted ? random.nextInt(1_000) : timestamp + random.nextInt(500);
      byte[] value = random.nextInt(8) == 0 ? null : text(random.nextInt(random.nextInt(30) == 0 ? 9_000 : 150));
      ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(partition.topic(), 0, at, key(), value);
      for (int left = random.nextInt(4) - 1; left > 0; left--) {
        String name = random.nextInt(4) == 0 ? "" : random.nextInt(4) == 0 ? "größe" : "h" + random.nextInt(2);
        record.headers().add(name, random.nextInt(4) == 0 ? null : text(random.nextInt(20)));
      }
      return record;
    }

    /** A compacted topic takes no null keys. */
    private byte[] key() {
      if (random.nextInt(6) == 0 && !isCompacted) {
        return null;
      }
      return ("k" + random.nextInt(random.nextBoolean() ? HOT_KEYS : 100_000)).getBytes(StandardCharsets.UTF_8);
    }

    /** Half of it repeats, so that every codec has something to do. */
    private byte[] text(int bytes) {
      byte[] text = new byte[bytes];
      random.nextBytes(text);
      for (int index = bytes / 3; index < bytes * 2 / 3; index++) {
        text[index] = (byte) ('a' + index % 5);
      }
      return text;
    }

    /** Markers come after the answer to the transaction's end: waits until the last one is in the log. */
    private ObjectNode awaitBounds() {
      long end = records + markers;
      long stable = writers.stream().filter(Writer::isOpen).mapToLong(one -> one.firstOffset).min().orElse(end);
      long deadline = System.currentTimeMillis() + DEADLINE_MS;
      while (endOffset("read_uncommitted") != end || endOffset("read_committed") != stable) {
        requireBefore(deadline, "the log ends at " + end + ", its stable part at " + stable);
      }
      return json.createObjectNode().put("beginningOffset", 0).put("stableOffset", stable).put("endOffset", end);
    }

    private long endOffset(String isolationLevel) {
      return consumers.get(isolationLevel).endOffsets(List.of(partition)).get(partition);
    }

    /** Waits until the cleaner has taken some of the records, then stops it: the log stays as it is. */
    private void awaitCompaction(ObjectNode bounds) throws Exception {
      ObjectNode all = json.createObjectNode().put("topic", partition.topic()).put("isolationLevel", "read_uncommitted");
      all.put("fromOffset", 0).put("untilOffset", bounds.get("endOffset").asLong());
      long deadline = System.currentTimeMillis() + DEADLINE_MS;
      while (read(all).get("records").size() > records * 9 / 10) {
        requireBefore(deadline, "the cleaner takes a tenth of the records");
      }
      ConfigEntry entry = new ConfigEntry("cleanup.policy", "delete");
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, partition.topic());
      admin
          .incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }

    /** In the first third of the log, mostly inside a batch or a transaction. */
    private ObjectNode deleteRecords(ObjectNode bounds) throws Exception {
      if (random.nextBoolean()) {
        long before = 1 + random.nextInt((int) Math.max(1, bounds.get("stableOffset").asLong() / 3));
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before))).all().get();
        bounds.put("beginningOffset", before);
      }
      return bounds;
    }
  }
}
