import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Archives the offsets of each line of JSON with Spark's own batch source of Kafka, into files of a folder. */
public class SparkArchiver {
  private static final ObjectMapper json = new ObjectMapper();
  /** The columns of order-columns.ts, as Spark calls their types. */
  private static final StructType ORDER =
      StructType.fromDDL(
          "orderId STRING, customerId BIGINT, session STRING, createdAt TIMESTAMP, status STRING, country STRING, "
              + "currency STRING, isGift BOOLEAN, lines STRING, itemCount INT, total DOUBLE, note STRING");

  public static void main(String[] args) throws Exception {
    String bootstrapServers = args[0];
    Path folder = Path.of(args[1]);
    SparkSession spark =
        SparkSession.builder()
            .master("local[1]")
            .appName("bench")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.local.dir", folder.resolve("local").toString())
            .getOrCreate();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(archive(spark, bootstrapServers, json.readTree(line), folder.resolve("out")));
    }
  }

  private static String archive(SparkSession spark, String bootstrapServers, JsonNode task, Path out) throws Exception {
    delete(out);
    OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long wall = System.nanoTime();
    String topic = task.get("topic").asText();
    Dataset<Row> records =
        spark
            .read()
            .format("kafka")
            .option("kafka.bootstrap.servers", bootstrapServers)
            .option("subscribe", topic)
            .option("startingOffsets", offsets(topic, task.get("fromOffset").asLong()))
            .option("endingOffsets", offsets(topic, task.get("untilOffset").asLong()))
            .load();
    String format = task.get("format").asText();
    String compression = format.substring(format.lastIndexOf('-') + 1);
    if (format.startsWith("lines-")) {
      records.selectExpr("CAST(value AS STRING)").write().option("compression", compression).text(out.toString());
    } else {
      Dataset<Row> rows =
          format.startsWith("parquet-declared-")
              ? records.select(from_json(col("value").cast("string"), ORDER).as("order")).select("order.*")
              : records.select("offset", "timestamp", "key", "value");
      rows.write().option("compression", compression).parquet(out.toString());
    }
    double wallMs = (System.nanoTime() - wall) / 1e6;
    double cpuMs = (system.getProcessCpuTime() - cpu) / 1e6;
    return json.createObjectNode()
        .put("records", count(spark, format, out))
        .put("bytes", bytes(out))
        .put("wallMs", wallMs)
        .put("cpuMs", cpuMs)
        .put("peakRssBytes", peakRss())
        .toString();
  }

  /** Read back, outside of what is measured. */
  private static long count(SparkSession spark, String format, Path out) {
    return format.startsWith("lines-")
        ? spark.read().text(out.toString()).count()
        : spark.read().parquet(out.toString()).count();
  }

  private static String offsets(String topic, long offset) {
    return json.createObjectNode().set(topic, json.createObjectNode().put("0", offset)).toString();
  }

  private static long bytes(Path out) throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.filter(file -> file.getFileName().toString().startsWith("part-")).mapToLong(SparkArchiver::size).sum();
    }
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  private static void delete(Path out) throws IOException {
    if (Files.exists(out)) {
      try (Stream<Path> files = Files.walk(out)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  /** Where the platform tells it. */
  private static long peakRss() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    }
  }
}
