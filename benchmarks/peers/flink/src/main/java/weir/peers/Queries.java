package weir.peers;

import java.util.List;
import java.util.Map;

/**
 * The queries in the SQL of nexmark-flink, with the output rows that benchmarks/nexmark/README.md defines. q7 takes the bids
 * of a window up to its end without the end itself, as windows do; nexmark-flink's BETWEEN takes both.
 */
final class Queries {
  private Queries() {}

  /** Columns of the output, and the statement that fills them. */
  record Query(String columns, String select) {}

  static final String SOURCE = """
      CREATE TABLE nexmark (
        event_type INT,
        person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING,
                   `dateTime` TIMESTAMP(3), extra STRING>,
        auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT,
                    `dateTime` TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>,
        bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3),
                extra STRING>,
        `dateTime` AS CASE WHEN event_type = 0 THEN person.`dateTime` WHEN event_type = 1 THEN auction.`dateTime`
                           ELSE bid.`dateTime` END,
        processed AS PROCTIME(),
        WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
      ) WITH ('connector' = 'kafka', 'topic' = '%s', 'properties.bootstrap.servers' = '%s',
              'properties.group.id' = '%s', 'scan.startup.mode' = 'earliest-offset',
              'scan.bounded.mode' = 'latest-offset', 'format' = 'json')
      """;

  static final List<String> VIEWS = List.of("""
      CREATE TEMPORARY VIEW person AS SELECT person.id, person.name, `dateTime` FROM nexmark WHERE event_type = 0
      """, """
      CREATE TEMPORARY VIEW auction AS SELECT auction.seller, `dateTime` FROM nexmark WHERE event_type = 1
      """, """
      CREATE TEMPORARY VIEW bid AS SELECT bid.auction, bid.bidder, bid.price, `dateTime`, bid.extra, processed
      FROM nexmark WHERE event_type = 2
      """);

  static final String SINK = """
      CREATE TABLE output (%s) WITH ('connector' = 'kafka', 'topic' = '%s', 'properties.bootstrap.servers' = '%s',
        'format' = 'json', 'json.encode.decimal-as-plain-number' = 'true',
        'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '%s',
        'properties.transaction.timeout.ms' = '600000', 'properties.linger.ms' = '20')
      """;

  private static final String BID = "auction BIGINT, bidder BIGINT, price BIGINT, `dateTime` TIMESTAMP(3), extra STRING";
  private static final String WINDOW = "`windowStart` TIMESTAMP(3), `windowEnd` TIMESTAMP(3)";
  private static final String COUNTS_OF_AUCTIONS = """
      SELECT auction, COUNT(*) AS num, window_start, window_end
      FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
      GROUP BY auction, window_start, window_end
      """;

  static final Map<String, Query> ALL = Map.of(
      "q0", new Query(BID, "SELECT auction, bidder, price, `dateTime`, extra FROM bid"),
      "q1", new Query(BID.replace("price BIGINT", "price DECIMAL(23, 3)"),
          "SELECT auction, bidder, 0.908 * price, `dateTime`, extra FROM bid"),
      "q2", new Query("auction BIGINT, price BIGINT", "SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0"),
      "q5", new Query("auction BIGINT, num BIGINT, " + WINDOW, """
          SELECT counts.auction, counts.num, counts.window_start, counts.window_end FROM (%s) AS counts
          JOIN (SELECT MAX(num) AS most, window_start, window_end FROM (%s) GROUP BY window_start, window_end) AS top
          ON counts.window_start = top.window_start AND counts.window_end = top.window_end AND counts.num >= top.most
          """.formatted(COUNTS_OF_AUCTIONS, COUNTS_OF_AUCTIONS)),
      "q7", new Query(BID, """
          SELECT b.auction, b.bidder, b.price, b.`dateTime`, b.extra FROM bid AS b
          JOIN (SELECT MAX(price) AS highest, window_end FROM TABLE(
                  TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND)) GROUP BY window_start, window_end) AS top
          ON b.price = top.highest
          WHERE b.`dateTime` >= top.window_end - INTERVAL '10' SECOND AND b.`dateTime` < top.window_end
          """),
      "q8", new Query("id BIGINT, name STRING, " + WINDOW, """
          SELECT p.id, p.name, p.window_start, p.window_end FROM
            (SELECT id, name, window_start, window_end FROM TABLE(
               TUMBLE(TABLE person, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
             GROUP BY id, name, window_start, window_end) AS p
          JOIN
            (SELECT seller, window_start, window_end FROM TABLE(
               TUMBLE(TABLE auction, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
             GROUP BY seller, window_start, window_end) AS a
          ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end
          """),
      "q11", new Query("bidder BIGINT, `bidCount` BIGINT, " + WINDOW, """
          SELECT bidder, COUNT(*), SESSION_START(`dateTime`, INTERVAL '10' SECOND),
                 SESSION_END(`dateTime`, INTERVAL '10' SECOND)
          FROM bid GROUP BY bidder, SESSION(`dateTime`, INTERVAL '10' SECOND)
          """),
      "q12", new Query("bidder BIGINT, `bidCount` BIGINT, " + WINDOW, """
          SELECT bidder, COUNT(*), window_start, window_end FROM TABLE(
            TUMBLE(TABLE bid, DESCRIPTOR(processed), INTERVAL '10' SECOND)) GROUP BY bidder, window_start, window_end
          """));
}
