package incident.bench;

import incident.v1.IncidentEvent;
import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Events in the Confluent wire format. The schema is known, so no registry is asked. */
final class EventDeserializer implements Deserializer<IncidentEvent> {
  private static final int HEADER_BYTES = 5;

  private final SpecificDatumReader<IncidentEvent> reader = new SpecificDatumReader<>(IncidentEvent.getClassSchema());
  private BinaryDecoder decoder;

  @Override
  public IncidentEvent deserialize(String topic, byte[] bytes) {
    if (bytes == null) return null;
    if (bytes.length < HEADER_BYTES || bytes[0] != 0) throw new SerializationException("no Confluent wire format");
    try {
      decoder = DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, decoder);
      return reader.read(null, decoder);
    } catch (IOException cause) {
      throw new SerializationException("no IncidentEvent", cause);
    }
  }
}
