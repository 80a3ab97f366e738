import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StreamTokenizer;
import java.io.StringReader;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * What Java and Kafka's own client make of texts that people paste: one line of JSON with a `command` and `texts` is
 * answered by one with a value for each text, or null where Java refuses it.
 */
public class JavaValues {
  private static final ObjectMapper json =
      // Readers of lines take some characters of Unicode for the end of one.
      new ObjectMapper().configure(JsonWriteFeature.ESCAPE_NON_ASCII.mappedFeature(), true);

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode task = json.readTree(line);
      ArrayNode values = json.createArrayNode();
      for (JsonNode text : task.get("texts")) {
        values.add(valueOf(task, text.asText()));
      }
      answers.println(json.writeValueAsString(json.createObjectNode().set("values", values)));
    }
    System.exit(0);
  }

  private static JsonNode valueOf(JsonNode task, String text) throws Exception {
    switch (task.get("command").asText()) {
      case "patterns": return matches(text, task.get("names"));
      case "jaas": return loginModules(text);
      case "jaasTokens": return jaasTokens(text);
      case "properties": return properties(text);
      case "protocol": return protocol(text);
      case "password": return password(text);
      case "trustStore": return stores(Map.of("ssl.truststore.type", "PEM", "ssl.truststore.certificates", new Password(text)));
      case "names": return names();
      case "consumerSettings": return consumerSettings();
      default: throw new IllegalArgumentException(task.toString());
    }
  }

  /** Which of the names the whole of the pattern matches. */
  private static JsonNode matches(String text, JsonNode names) {
    try {
      Pattern pattern = Pattern.compile(text);
      ArrayNode matching = json.createArrayNode();
      for (JsonNode name : names) {
        if (pattern.matcher(name.asText()).matches()) {
          matching.add(name.asText());
        }
      }
      return matching;
    } catch (RuntimeException | StackOverflowError exception) {
      // Not only PatternSyntaxException: some broken patterns end in an exception of Java's own making.
      return null;
    }
  }

  private static JsonNode loginModules(String text) throws Exception {
    Constructor<?> constructor =
        Class.forName("org.apache.kafka.common.security.JaasConfig").getDeclaredConstructor(String.class, String.class);
    constructor.setAccessible(true);
    try {
      Configuration configuration = (Configuration) constructor.newInstance("KafkaClient", text);
      ArrayNode modules = json.createArrayNode();
      for (AppConfigurationEntry entry : configuration.getAppConfigurationEntry("KafkaClient")) {
        ObjectNode module = modules.addObject();
        module.put("name", entry.getLoginModuleName());
        module.set("options", pairs(entry.getOptions()));
      }
      return modules;
    } catch (InvocationTargetException | NullPointerException exception) {
      return null;
    }
  }

  /** As Kafka sets its tokenizer up after 4.1, where a word may hold any sign: what 4.1 takes, it takes for the same. */
  private static JsonNode jaasTokens(String text) throws Exception {
    StreamTokenizer tokenizer = new StreamTokenizer(new StringReader(text));
    tokenizer.resetSyntax();
    tokenizer.wordChars(' ', 128);
    tokenizer.wordChars(160, 255);
    tokenizer.ordinaryChar(';');
    tokenizer.ordinaryChar('=');
    tokenizer.whitespaceChars(0, ' ');
    tokenizer.commentChar('/');
    tokenizer.quoteChar('"');
    tokenizer.quoteChar('\'');
    tokenizer.slashSlashComments(true);
    tokenizer.slashStarComments(true);
    ArrayNode tokens = json.createArrayNode();
    while (tokenizer.nextToken() != StreamTokenizer.TT_EOF) {
      int type = tokenizer.ttype;
      String kind = type == StreamTokenizer.TT_WORD ? "word" : tokenizer.sval == null ? "sign" : "quoted";
      tokens.add(kind + " " + (tokenizer.sval == null ? String.valueOf((char) type) : tokenizer.sval));
    }
    return tokens;
  }

  private static JsonNode properties(String text) throws Exception {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
      return pairs(properties);
    } catch (IllegalArgumentException exception) {
      return null;
    }
  }

  /** By key. Null keys are refused. */
  private static ArrayNode pairs(Map<?, ?> map) {
    ArrayNode pairs = json.createArrayNode();
    Map<String, String> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(Objects.requireNonNull((String) key), (String) value));
    sorted.forEach((key, value) -> pairs.addArray().add(key).add(value));
    return pairs;
  }

  private static JsonNode protocol(String text) {
    try {
      String name = new AdminClientConfig(settings(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, text))
          .getString(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG);
      return json.valueToTree(SecurityProtocol.forName(name).name);
    } catch (RuntimeException exception) {
      return null;
    }
  }

  private static JsonNode password(String text) {
    return json.valueToTree(new AdminClientConfig(settings("ssl.key.password", text)).getPassword("ssl.key.password").value());
  }

  private static Map<String, Object> settings(String name, String value) {
    return Map.of("bootstrap.servers", "127.0.0.1:9092", name, value);
  }

  /** How many certificates the store holds. */
  private static JsonNode stores(Map<String, Object> settings) throws Exception {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("ssl.protocol", "TLSv1.3");
    DefaultSslEngineFactory factory = new DefaultSslEngineFactory();
    try {
      factory.configure(all);
      KeyStore store = factory.truststore();
      return json.valueToTree(store.size());
    } catch (RuntimeException exception) {
      return null;
    } finally {
      factory.close();
    }
  }

  /** The name and the default of every setting of the consumer; no default is an empty list. */
  private static JsonNode consumerSettings() {
    ArrayNode settings = json.createArrayNode();
    Map<String, ConfigDef.ConfigKey> keys = ConsumerConfig.configDef().configKeys();
    for (String name : new TreeSet<>(ConsumerConfig.configNames())) {
      ConfigDef.ConfigKey key = keys.get(name);
      ArrayNode setting = settings.addArray().add(name);
      if (key.defaultValue != null && key.defaultValue != ConfigDef.NO_DEFAULT_VALUE) {
        setting.add(ConfigDef.convertToString(key.defaultValue, key.type));
      }
    }
    return settings;
  }

  /** Of every setting that a client of Kafka has. */
  private static JsonNode names() {
    ArrayNode names = json.createArrayNode();
    ConsumerConfig.configNames().forEach(names::add);
    ProducerConfig.configNames().forEach(names::add);
    AdminClientConfig.configNames().forEach(names::add);
    return names;
  }
}
