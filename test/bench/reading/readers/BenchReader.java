import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Kafka's own client with its default settings: assign, seek, poll until the position is the range's end. */
public class BenchReader {
  private static final ObjectMapper json = new ObjectMapper();
  private static final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  public static void main(String[] args) throws Exception {
    JsonNode connection = json.readTree(args[0]);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    KafkaConsumer<byte[], byte[]> consumer = null;
    String isolationLevel = null;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode task = json.readTree(line);
      if (!task.get("isolationLevel").asText().equals(isolationLevel)) {
        isolationLevel = task.get("isolationLevel").asText();
        consumer = new KafkaConsumer<>(properties(connection, isolationLevel));
      }
      System.out.println(read(consumer, task));
    }
    System.exit(0);
  }

  private static String read(KafkaConsumer<byte[], byte[]> consumer, JsonNode task) throws Exception {
    TopicPartition partition = new TopicPartition(task.get("topic").asText(), 0);
    long untilOffset = task.get("untilOffset").asLong();
    long records = 0;
    long offsetSum = 0;
    long keyBytes = 0;
    long valueBytes = 0;
    consumer.assign(List.of(partition));
    long cpuStart = system.getProcessCpuTime();
    long start = System.nanoTime();
    consumer.seek(partition, task.get("fromOffset").asLong());
    while (consumer.position(partition) < untilOffset) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
        if (record.offset() >= untilOffset) {
          break;
        }
        records += 1;
        offsetSum += record.offset();
        keyBytes += record.key() == null ? 0 : record.key().length;
        valueBytes += record.value() == null ? 0 : record.value().length;
      }
    }
    double wallMs = (System.nanoTime() - start) / 1e6;
    double cpuMs = (system.getProcessCpuTime() - cpuStart) / 1e6;
    return json.createObjectNode()
        .put("records", records)
        .put("offsetSum", offsetSum)
        .put("keyBytes", keyBytes)
        .put("valueBytes", valueBytes)
        .put("wallMs", wallMs)
        .put("cpuMs", cpuMs)
        .put("peakRssBytes", peakRssBytes())
        .toString();
  }

  private static Properties properties(JsonNode connection, String isolationLevel) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", connection.get("bootstrapServers").asText());
    properties.put("isolation.level", isolationLevel);
    properties.put("enable.auto.commit", "false");
    properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
    properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
    if (connection.has("caFile")) {
      properties.put("security.protocol", "SSL");
      properties.put("ssl.truststore.type", "PEM");
      properties.put("ssl.truststore.location", connection.get("caFile").asText());
    }
    return properties;
  }

  /** Linux tells it; elsewhere 0. */
  private static long peakRssBytes() throws Exception {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return 0;
  }
}
