package weir.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * One Nexmark query on a Flink cluster inside this process: from the beginning of the input topic to the end that it has now,
 * exactly once into the output topic. Prints one line with what it cost.
 */
public final class FlinkNexmark {
  private FlinkNexmark() {}

  public static void main(String[] arguments) throws Exception {
    final Map<String, String> asked = parse(arguments);
    final Queries.Query query = Queries.ALL.get(asked.get("query"));
    if (query == null) {
      throw new IllegalArgumentException("there is no query " + asked.get("query"));
    }
    final int parallelism = Integer.parseInt(asked.getOrDefault("parallelism", "1"));
    final StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings(asked));
    final StreamTableEnvironment tables = StreamTableEnvironment.create(environment);
    final String group = "flink-" + UUID.randomUUID();
    tables.executeSql(Queries.SOURCE.formatted(asked.get("input"), asked.get("bootstrap"), group));
    for (String view : Queries.VIEWS) {
      tables.executeSql(view);
    }
    tables.executeSql(Queries.SINK.formatted(query.columns(), asked.get("output"), asked.get("bootstrap"), group));
    try (SteadyCost cost = new SteadyCost(asked.get("bootstrap"), group, Long.parseLong(asked.get("events")))) {
      cost.start();
      tables.executeSql("INSERT INTO output " + query.select()).await();
      System.out.println(asked.get("query") + ": " + cost.finish());
    }
    System.exit(0);
  }

  /** Tuned as far as it helps: bloom filters, object reuse; mini-batches where asked. */
  private static Configuration settings(Map<String, String> asked) {
    final Configuration settings = new Configuration();
    settings.setString("execution.checkpointing.interval", "1 s");
    settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    settings.setString("execution.checkpointing.dir", "file://" + asked.get("checkpoints"));
    settings.setString("execution.checkpointing.incremental", "true");
    settings.setString("restart-strategy.type", "none");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("table.local-time-zone", "UTC");
    settings.setString("table.optimizer.distinct-agg.split.enabled", "true");
    settings.setString("taskmanager.memory.network.min", "128 mb");
    settings.setString("taskmanager.memory.managed.size", "512 mb");
    settings.setString("state.backend.type", asked.getOrDefault("state", "rocksdb"));
    settings.setString("state.backend.rocksdb.use-bloom-filter", "true");
    if (Boolean.parseBoolean(asked.getOrDefault("mini-batch", "false"))) {
      settings.setString("table.exec.mini-batch.enabled", "true");
      settings.setString("table.exec.mini-batch.allow-latency", "2 s");
      settings.setString("table.exec.mini-batch.size", "50000");
    }
    return settings;
  }

  private static Map<String, String> parse(String[] arguments) {
    final Map<String, String> asked = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      asked.put(arguments[i].replaceFirst("^--", ""), arguments[i + 1]);
    }
    for (String name : new String[] {"bootstrap", "input", "output", "query", "events", "checkpoints"}) {
      if (!asked.containsKey(name)) {
        throw new IllegalArgumentException("--" + name + " is missing");
      }
    }
    return asked;
  }
}
