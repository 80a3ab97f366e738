import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Machine;

/**
 * What AWS's own matcher of event patterns says: one line of JSON with `cases`, each a pattern and an event as text, is
 * answered by one with true or false for each, or null where the pattern is refused.
 */
public class RulerOracle {
  private static final ObjectMapper json = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ArrayNode matched = json.createArrayNode();
      for (JsonNode one : json.readTree(line).get("cases")) {
        matched.add(matches(one.get("pattern").asText(), one.get("event").asText()));
      }
      answers.println(json.writeValueAsString(json.createObjectNode().set("matched", matched)));
    }
    System.exit(0);
  }

  private static Boolean matches(String pattern, String event) throws Exception {
    Machine machine = new Machine();
    try {
      machine.addRule("rule", pattern);
    } catch (Exception refused) {
      return null;
    }
    return !machine.rulesForJSONEvent(event).isEmpty();
  }
}
