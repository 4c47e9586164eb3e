import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.MongoServerError;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** Corrects what the library does across collection and database borders. */
class DurableDatabase extends H2Database {
    static MVStore store; // static: the super constructor already opens collections

    DurableDatabase(String name, CursorRegistry cursors) {
        super(name, store, cursors);
    }

    // A map keeps the types it was opened with first: every map is opened here before the library asks for it.
    @SuppressWarnings({"unchecked", "rawtypes"})
    static MVMap open(String map) {
        MVMap.Builder builder = new MVMap.Builder();
        if (map.startsWith("databases.")) builder.keyType(new BsonType(BsonType.Kind.PLAIN)).valueType(new BsonType(BsonType.Kind.DOCUMENT));
        else if (map.contains("._index_")) builder.keyType(new BsonType(BsonType.Kind.KEY)).valueType(new BsonType(BsonType.Kind.PLAIN));
        return store.openMap(map, builder);
    }

    @Override protected Index<Object> openOrCreateUniqueIndex(String collection, String index, List<IndexKey> keys, boolean sparse) {
        open(getFullCollectionNamespace(collection) + "._index_" + index);
        return super.openOrCreateUniqueIndex(collection, index, keys, sparse);
    }

    @SuppressWarnings("unchecked")
    @Override protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
        MVMap<Object, Document> data = open("databases." + getFullCollectionNamespace(name));
        MVMap<String, Object> meta = open("meta." + getFullCollectionNamespace(name));
        return new SnapshotCollection(this, name, options, data, meta, cursorRegistry);
    }

    @SuppressWarnings("unchecked")
    @Override public Document handleCommand(Channel channel, String command, Document query,
                                            DatabaseResolver resolver, Oplog oplog) {
        String name = command.toLowerCase();
        if (name.equals("dropindexes")) dropIndexesOfThisCollectionOnly(channel, query, resolver, oplog);
        if (name.equals("aggregate") && query.get("pipeline") instanceof List) renameSetStages((List<Document>) query.get("pipeline"));
        if (name.equals("createindexes")) refuseWhatIsNotEnforced((List<Document>) query.get("indexes"));
        Document answer;
        try {
            boolean each = name.equals("update") && !Boolean.FALSE.equals(query.get("ordered"))
                && ((List<Document>) query.get("updates")).size() > 1;
            answer = each ? orderedUpdates(channel, query, resolver, oplog)
                : super.handleCommand(channel, command, query, resolver, oplog);
        } catch (RuntimeException e) {
            if (name.equals("createindexes")) removeHalfBuiltIndexes(channel, query, resolver, oplog);
            throw e;
        }
        List<Document> errors = (List<Document>) answer.get("writeErrors");
        if (errors != null && !errors.isEmpty()) {
            if (name.equals("insert")) { // the library answers with the number of documents sent
                int sent = ((List<Document>) query.get("documents")).size();
                boolean ordered = !Boolean.FALSE.equals(query.get("ordered"));
                answer.put("n", ordered ? ((Number) errors.get(0).get("index")).intValue() : sent - errors.size());
            }
            for (Document error : errors) addKeyPattern(error, channel, query.get(command).toString(), resolver, oplog);
        }
        return answer;
    }

    // The library goes on after an error although the bulk is ordered.
    @SuppressWarnings("unchecked")
    private Document orderedUpdates(Channel channel, Document query, DatabaseResolver resolver, Oplog oplog) {
        List<Document> updates = (List<Document>) query.get("updates"), upserted = new ArrayList<>(), errors = new ArrayList<>();
        int n = 0, modified = 0;
        for (int i = 0; i < updates.size() && errors.isEmpty(); i++) {
            Document one = query.clone();
            one.put("updates", List.of(updates.get(i)));
            Document r = super.handleCommand(channel, "update", one, resolver, oplog);
            n += ((Number) r.get("n")).intValue();
            modified += ((Number) r.get("nModified")).intValue();
            for (String part : List.of("upserted", "writeErrors")) {
                if (!(r.get(part) instanceof Iterable)) continue;
                for (Object o : (Iterable<?>) r.get(part)) {
                    ((Document) o).put("index", i);
                    (part.equals("upserted") ? upserted : errors).add((Document) o);
                }
            }
        }
        Document answer = new Document("n", n).append("nModified", modified);
        if (!upserted.isEmpty()) answer.put("upserted", upserted);
        if (!errors.isEmpty()) answer.put("writeErrors", errors);
        return answer.append("ok", 1.0);
    }

    private void addKeyPattern(Document error, Channel channel, String collection, DatabaseResolver resolver, Oplog oplog) {
        if (!Integer.valueOf(11000).equals(error.get("code"))) return;
        String message = String.valueOf(error.get("errmsg"));
        for (Document index : indexesOf(channel, collection, resolver, oplog)) {
            if (message.contains(" index: " + index.get("name") + " dup key")) error.put("keyPattern", index.get("key"));
        }
    }

    @SuppressWarnings("unchecked")
    private static void renameSetStages(List<Document> pipeline) {
        for (int i = 0; i < pipeline.size(); i++) {
            Document stage = pipeline.get(i);
            if (stage.containsKey("$set")) pipeline.set(i, new Document("$addFields", stage.get("$set")));
            for (Object inner : stage.values()) {
                if (!(inner instanceof Document)) continue;
                for (Object list : ((Document) inner).values()) { // $facet, $lookup.pipeline
                    if (list instanceof List && !((List<?>) list).isEmpty() && ((List<?>) list).stream().allMatch(o -> o instanceof Document)) {
                        renameSetStages((List<Document>) list);
                    }
                }
            }
        }
    }

    // Ignored by the library, and then wrong answers instead of an error.
    private static void refuseWhatIsNotEnforced(List<Document> indexes) {
        for (Document index : indexes) {
            for (String option : List.of("partialFilterExpression", "collation")) {
                if (Utils.isTrue(index.get("unique")) && index.containsKey(option)) {
                    throw new MongoServerError(67, "CannotCreateIndex", "unique index with " + option + " is not supported by this server");
                }
            }
        }
    }

    private List<Document> indexesOf(Channel channel, String collection, DatabaseResolver resolver, Oplog oplog) {
        Document answer = super.handleCommand(channel, "listIndexes", new Document("listIndexes", collection), resolver, oplog);
        List<Document> result = new ArrayList<>();
        for (Object o : (Iterable<?>) ((Document) answer.get("cursor")).get("firstBatch")) result.add((Document) o);
        return result;
    }

    // The library drops an index by its name in every collection's description (lost after a restart).
    private void dropIndexesOfThisCollectionOnly(Channel channel, Document query, DatabaseResolver resolver, Oplog oplog) {
        String collection = (String) query.get("dropIndexes");
        Object which = query.get("index");
        if (!(which instanceof String)) return;
        for (Document index : indexesOf(channel, collection, resolver, oplog)) {
            if (index.get("name").equals("_id_")) continue;
            if (which.equals("*")) {
                super.handleCommand(channel, "dropIndexes", new Document("dropIndexes", collection)
                    .append("index", index.get("key")), resolver, oplog);
            } else if (which.equals(index.get("name"))) {
                query.put("index", index.get("key"));
                return;
            }
        }
        if (which.equals("*")) query.put("dropIndexes", "system.none");
    }

    // A unique index that failed on duplicates leaves a part-filled map, taken for complete the next time.
    private void removeHalfBuiltIndexes(Channel channel, Document query, DatabaseResolver resolver, Oplog oplog) {
        String collection = (String) query.get("createIndexes");
        Set<Object> known = indexesOf(channel, collection, resolver, oplog).stream()
            .map(index -> index.get("name")).collect(Collectors.toSet());
        for (Object o : (Iterable<?>) query.get("indexes")) {
            Object name = ((Document) o).get("name");
            String map = getFullCollectionNamespace(collection) + "._index_" + name;
            if (!known.contains(name) && store.hasMap(map)) store.removeMap(map);
        }
    }

    // The library removes every database whose name begins alike: dropping "app" emptied "app_test".
    @Override public void drop(Oplog oplog) {
        String prefix = "databases." + databaseName + ".";
        List<String> names = store.getMapNames().stream().filter(map -> map.startsWith(prefix))
            .map(map -> map.substring(prefix.length())).collect(Collectors.toList());
        for (String name : names) {
            if (!name.startsWith("system.") && resolveCollection(name, false) != null) dropCollection(name, oplog);
        }
        for (String map : new ArrayList<>(store.getMapNames())) {
            if (map.startsWith(databaseName + ".") || map.startsWith(prefix) || map.startsWith("meta." + databaseName + ".")) {
                store.removeMap(map);
            }
        }
    }
}
