package incident.bench;

import java.util.HashMap;
import java.util.Map;

/** What the bench asks for, as {@code name=value} arguments. */
record PeerArguments(
    String brokers, String applicationId, String input, String output, String state, String stateDirectory, int threads) {

  static PeerArguments parse(String[] args) {
    Map<String, String> values = new HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 0) throw new IllegalArgumentException("not name=value: " + arg);
      values.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
    return new PeerArguments(
        required(values, "brokers"),
        required(values, "applicationId"),
        required(values, "input"),
        required(values, "output"),
        required(values, "state"),
        required(values, "stateDirectory"),
        Integer.parseInt(values.getOrDefault("threads", "1")));
  }

  boolean inMemory() {
    return state.equals("memory");
  }

  private static String required(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("missing: " + name);
    return value;
  }
}
