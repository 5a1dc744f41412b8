package weir.peers;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * CPU time of this process per event once the code is warm: from the first checkpoint that has a third of the input behind
 * it to the end. How far checkpoints are is what the source commits to its consumer group.
 */
final class SteadyCost implements AutoCloseable {
  private static final double WARM_UP_PART = 1.0 / 3;
  private static final long PAUSE_MILLIS = 100;

  private final OperatingSystemMXBean system =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  private final Admin admin;
  private final String group;
  private final long events;
  private final Thread thread = new Thread(this::watch, "steady-cost");
  private volatile boolean done;
  private long committed;
  private int commits;
  private long eventsAtBegin;
  private double cpuAtBegin;
  private long nanosAtBegin;

  SteadyCost(String bootstrap, String group, long events) {
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
    this.group = group;
    this.events = events;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** One line; at the end of the job. */
  String finish() throws InterruptedException {
    final double cpu = cpuSeconds();
    final long nanos = System.nanoTime();
    done = true;
    thread.join();
    if (eventsAtBegin == 0) {
      return "steady=none commits=%d cpu=%.2f".formatted(commits, cpu);
    }
    final long steady = events - eventsAtBegin;
    final double seconds = (nanos - nanosAtBegin) / 1e9;
    return "steady=%d commits=%d cpu=%.2f cpu_s_per_million=%.2f events_per_second=%.0f".formatted(
        steady, commits, cpu, (cpu - cpuAtBegin) / steady * 1e6, steady / seconds);
  }

  private double cpuSeconds() {
    return system.getProcessCpuTime() / 1e9;
  }

  private void watch() {
    while (!done) {
      try {
        look();
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      } catch (Exception e) {
        // The group is not there before the first checkpoint.
      }
    }
  }

  private void look() throws Exception {
    final double cpu = cpuSeconds();
    long sum = 0;
    for (var offset : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().values()) {
      sum += offset.offset();
    }
    if (sum == committed) {
      return;
    }
    committed = sum;
    commits++;
    if (eventsAtBegin == 0 && sum >= events * WARM_UP_PART && sum < events) {
      eventsAtBegin = sum;
      cpuAtBegin = cpu;
      nanosAtBegin = System.nanoTime();
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
