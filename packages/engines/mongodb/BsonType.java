import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** Keeps documents, ids and index keys as BSON: H2's default is Java serialization, slow to write and to compare. */
class BsonType extends BasicDataType<Object> {
    enum Kind { DOCUMENT, KEY, PLAIN }
    private final Kind kind;

    BsonType(Kind kind) {
        this.kind = kind;
    }

    private static ByteBuf encode(Document document) {
        ByteBuf buf = Unpooled.buffer(256);
        BsonEncoder.encodeDocument(document, buf);
        return buf;
    }

    private Document wrap(Object o) {
        if (kind == Kind.DOCUMENT) return (Document) o;
        if (kind == Kind.PLAIN) return new Document("v", o instanceof Missing ? null : o);
        Document document = new Document();
        for (Object value : (KeyValue) o) document.put(Integer.toString(document.size()), value instanceof Missing ? null : value);
        return document;
    }

    @Override public void write(WriteBuffer out, Object o) {
        ByteBuf buf = encode(wrap(o));
        out.put(ByteBuffer.wrap(buf.array(), buf.arrayOffset(), buf.readableBytes()));
    }

    @Override public Object read(ByteBuffer in) {
        ByteBuf buf = Unpooled.wrappedBuffer(in);
        Document document = BsonDecoder.decodeBson(buf);
        in.position(in.position() + buf.readerIndex());
        if (kind == Kind.DOCUMENT) return document;
        if (kind == Kind.PLAIN) return Missing.ofNullable(document.get("v"));
        return new KeyValue(document.values());
    }

    @Override public int compare(Object a, Object b) {
        if (kind == Kind.PLAIN) return compareValues(a, b);
        KeyValue x = (KeyValue) a, y = (KeyValue) b;
        for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
            int c = compareValues(x.get(i), y.get(i));
            if (c != 0) return c;
        }
        return Integer.compare(x.size(), y.size());
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static int compareValues(Object a, Object b) {
        if (a instanceof Missing) a = null;
        if (b instanceof Missing) b = null;
        if (a == null || b == null) return Boolean.compare(a != null, b != null);
        byte type = BsonEncoder.determineType(a);
        int c = Byte.compare(type, BsonEncoder.determineType(b));
        if (c != 0) return c;
        boolean binary = a instanceof UUID || b instanceof UUID;
        if (a instanceof Comparable && a.getClass() == b.getClass() && !binary) return ((Comparable) a).compareTo(b);
        return ByteBufUtil.compare(encode(new Document("v", a)), encode(new Document("v", b)));
    }

    @Override public int getMemory(Object o) {
        return kind == Kind.PLAIN ? 32 : encode(wrap(o)).readableBytes() + 64;
    }

    @Override public Object[] createStorage(int size) {
        return new Object[size];
    }
}
