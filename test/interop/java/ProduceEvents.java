import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes events with Apache Kafka's own producer and Apache Avro's own encoder, in the Confluent wire format.
 *
 * <p>Usage: ProduceEvents.java brokers registry-url topic schema-file file-with-the-events-as-a-JSON-array
 */
public final class ProduceEvents {
  public static void main(String[] args) throws Exception {
    String brokers = args[0];
    String topic = args[2];
    String schemaText = Files.readString(Path.of(args[3]));
    Schema schema = new Schema.Parser().parse(schemaText);
    JsonNode events = new ObjectMapper().readTree(Files.readString(Path.of(args[4])));
    int schemaId = register(args[1], topic + "-value", schemaText);

    Map<String, Object> settings = Map.of("bootstrap.servers", brokers, "acks", "all");
    try (var producer =
        new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
      for (JsonNode event : events) {
        byte[] value = encode(schemaId, recordOf(event, schema));
        producer.send(new ProducerRecord<>(topic, event.get("id").asText(), value)).get();
      }
    }
  }

  private static int register(String registryUrl, String subject, String schema) throws Exception {
    ObjectMapper json = new ObjectMapper();
    String body = json.writeValueAsString(Map.of("schema", schema));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registryUrl + "/subjects/" + subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) throw new IllegalStateException(response.body());
    return json.readTree(response.body()).get("id").asInt();
  }

  private static GenericRecord recordOf(JsonNode event, Schema schema) {
    GenericRecord record = new GenericData.Record(schema);
    for (Schema.Field field : schema.getFields()) {
      record.put(field.name(), valueOf(event.get(field.name()), field.schema()));
    }
    return record;
  }

  /** As far as events need it: texts, numbers, enums, maps of texts, and unions of null with one of these. */
  private static Object valueOf(JsonNode value, Schema schema) {
    return switch (schema.getType()) {
      case STRING -> value.asText();
      case LONG -> value.asLong();
      case DOUBLE -> value.asDouble();
      case ENUM -> new GenericData.EnumSymbol(schema, value.asText());
      case UNION -> value.isNull() ? null : valueOf(value, schema.getTypes().get(1));
      case MAP -> {
        Map<String, String> entries = new HashMap<>();
        value.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue().asText()));
        yield entries;
      }
      default -> throw new IllegalArgumentException("events have no " + schema.getType());
    };
  }

  /** A zero byte, the id of the schema in four bytes, the record. */
  private static byte[] encode(int schemaId, GenericRecord record) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream header = new DataOutputStream(bytes);
    header.writeByte(0);
    header.writeInt(schemaId);
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}
