import com.amazonaws.services.schemaregistry.common.configs.GlueSchemaRegistryConfiguration;
import com.amazonaws.services.schemaregistry.serializers.SerializationDataEncoder;
import com.amazonaws.services.schemaregistry.serializers.protobuf.MessageIndexFinder;
import com.amazonaws.services.schemaregistry.serializers.protobuf.ProtobufWireFormatEncoder;
import com.amazonaws.services.schemaregistry.utils.AWSSchemaRegistryConstants;
import com.amazonaws.services.schemaregistry.utils.apicurio.FileDescriptorUtils;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.squareup.wire.schema.internal.parser.ProtoParser;
import com.squareup.wire.schema.Location;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** Prints the descriptor of the .proto file, and a line for each frame: NAME HEX. Arguments: the schema of Avro, its value as JSON, the .proto file. */
public class GlueVectors {
  private static final UUID ID = UUID.fromString("b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63");

  public static void main(String[] args) throws Exception {
    var text = Files.readString(Path.of(args[2]));
    var file = FileDescriptorUtils.protoFileToFileDescriptor(
        ProtoParser.Companion.parse(Location.get("orders.proto"), text), "orders.proto");
    print("descriptor", file.toProto().toByteArray());
    for (var compression : new String[] {"NONE", "ZLIB"}) {
      var encoder = encoder(compression);
      print("avro " + compression, encoder.write(avro(Files.readString(Path.of(args[0])), Files.readString(Path.of(args[1]))), ID));
      print("json " + compression, encoder.write("{\"id\":7}".getBytes(StandardCharsets.UTF_8), ID));
      for (var type : file.getMessageTypes()) {
        printMessages(encoder, compression, file, type);
      }
    }
  }

  private static void printMessages(SerializationDataEncoder encoder, String compression, FileDescriptor file, Descriptor type)
      throws Exception {
    if (type.getOptions().getMapEntry()) {
      return;
    }
    var message = DynamicMessage.newBuilder(type);
    var id = type.findFieldByName("id");
    if (id != null) {
      message.setField(id, "of " + type.getFullName());
    }
    var bytes = new ProtobufWireFormatEncoder(new MessageIndexFinder()).encode(message.build(), file);
    print("protobuf " + compression + " " + type.getFullName(), encoder.write(bytes, ID));
    for (var nested : type.getNestedTypes()) {
      printMessages(encoder, compression, file, nested);
    }
  }

  private static SerializationDataEncoder encoder(String compression) {
    return new SerializationDataEncoder(new GlueSchemaRegistryConfiguration(Map.of(
        AWSSchemaRegistryConstants.AWS_REGION, "eu-west-1",
        AWSSchemaRegistryConstants.COMPRESSION_TYPE, compression)));
  }

  private static byte[] avro(String schemaText, String json) throws Exception {
    var schema = new Schema.Parser().parse(schemaText);
    var value = new org.apache.avro.generic.GenericDatumReader<>(schema)
        .read(null, DecoderFactory.get().jsonDecoder(schema, json));
    var out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<>(schema).write(value, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static void print(String name, byte[] bytes) {
    System.out.println(name + "\t" + HexFormat.of().formatHex(bytes));
  }
}
