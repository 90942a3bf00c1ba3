package incident.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** How many events a window holds, and the sum of their values: two doubles, big-endian. */
record CountAndSum(double count, double sum) {
  static final CountAndSum ZERO = new CountAndSum(0, 0);
  static final Serde<CountAndSum> SERDE =
      Serdes.serdeFrom((topic, value) -> value == null ? null : value.toBytes(), (topic, bytes) -> from(bytes));

  CountAndSum plus(double value) {
    return new CountAndSum(count + 1, sum + value);
  }

  private byte[] toBytes() {
    return ByteBuffer.allocate(16).putDouble(count).putDouble(sum).array();
  }

  private static CountAndSum from(byte[] bytes) {
    if (bytes == null) return null;
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new CountAndSum(buffer.getDouble(), buffer.getDouble());
  }
}
