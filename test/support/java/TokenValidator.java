import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerToken;
import org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallback;

/**
 * Stands in a Kafka broker where MSK's validator of IAM tokens stands. A token is a URL of kafka-cluster:Connect that the
 * client signed; what becomes of it the file `token-policy` in the broker's folder says at that moment:
 * `accept`; `deny MESSAGE`, as MSK refuses, by SASL_AUTHENTICATION_FAILED at once; or `invalid STATUS`, as the validators
 * that Kafka comes with do, by a challenge that the client has to answer first (RFC 7628).
 */
public class TokenValidator implements AuthenticateCallbackHandler {
  private static final Path policy = Path.of("token-policy");
  /** Each token that was accepted, on a line. */
  private static final Path accepted = Path.of("accepted-tokens");
  private static final long LIFETIME_MS = 900_000;

  @Override
  public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {}

  @Override
  public void close() {}

  @Override
  public void handle(Callback[] callbacks) throws IOException, UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (!(callback instanceof OAuthBearerValidatorCallback validation)) {
        throw new UnsupportedCallbackException(callback);
      }
      validate(validation);
    }
  }

  private static void validate(OAuthBearerValidatorCallback validation) throws IOException {
    String user = userOf(validation.tokenValue());
    String[] answer = Files.readString(policy).strip().split(" ", 2);
    switch (answer[0]) {
      case "accept" -> {
        Files.writeString(accepted, validation.tokenValue() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        validation.token(tokenOf(validation.tokenValue(), user));
      }
      case "deny" -> throw new SaslAuthenticationException(answer[1]);
      case "invalid" -> validation.error(answer[1], null, null);
      default -> throw new IOException("token-policy says " + answer[0]);
    }
  }

  /** The access key that signed the token, which is refused for good where it is of another form than MSK's. */
  private static String userOf(String token) {
    String url = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    Map<String, String> query =
        Arrays.stream(URI.create(url).getRawQuery().split("&"))
            .map(pair -> pair.split("=", 2))
            .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    if (!"kafka-cluster:Connect".equals(query.get("Action")) || !query.containsKey("X-Amz-Signature")) {
      throw new SaslAuthenticationException("not a signed kafka-cluster:Connect: " + url);
    }
    return query.get("X-Amz-Credential").split("/")[0];
  }

  private static OAuthBearerToken tokenOf(String value, String user) {
    long now = System.currentTimeMillis();
    return new OAuthBearerToken() {
      @Override
      public String value() {
        return value;
      }

      @Override
      public Set<String> scope() {
        return Set.of();
      }

      @Override
      public long lifetimeMs() {
        return now + LIFETIME_MS;
      }

      @Override
      public String principalName() {
        return user;
      }

      @Override
      public Long startTimeMs() {
        return now;
      }
    };
  }
}
