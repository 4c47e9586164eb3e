import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.h2.mvstore.MVMap;

/**
 * Hands out copies: the library updates the stored document in place, while a reader's answer is being encoded.
 * Looks things up by an index where a query asks for more than the index has: the library does so only for exactly its keys, and reads every
 * document for a compare-and-set (`{ _id, version }`) or a relay's withdrawal (`{ _id, "pendingEvents.0.id" }`).
 */
class SnapshotCollection extends H2Collection {
    SnapshotCollection(MongoDatabase database, String name, CollectionOptions options, MVMap<Object, Document> data,
                       MVMap<String, Object> meta, CursorRegistry cursors) {
        super(database, name, options, data, meta, cursors);
    }

    @Override protected QueryResult createQueryResult(List<Document> documents, int batchSize) {
        return super.createQueryResult(documents.stream().map(Document::cloneDeeply).collect(Collectors.toList()), batchSize);
    }

    @Override protected QueryResult queryDocuments(Document query, Document orderBy, int skip, int limit, int batchSize, Document fields) {
        for (Index<Object> index : getIndexes()) {
            Document keys = new Document();
            for (IndexKey key : index.getKeys()) if (query.containsKey(key.getKey())) keys.put(key.getKey(), query.get(key.getKey()));
            if (keys.size() < index.getKeys().size() || keys.size() == query.size() || !index.canHandle(keys)) continue;
            // What the index finds is still held against the whole query.
            return matchDocuments(query, index.getPositions(keys), orderBy, skip, limit, batchSize, fields);
        }
        return super.queryDocuments(query, orderBy, skip, limit, batchSize, fields);
    }

    @Override protected QueryResult matchDocumentsFromStream(Document query, Stream<Document> documents, int skip, int limit, int batchSize,
                                                             Comparator<Document> order, Document fields) {
        if (order == null || limit <= 0) return super.matchDocumentsFromStream(query, documents, skip, limit, batchSize, order, fields);
        Stream<Document> matching = documents.filter(document -> documentMatchesQuery(document, query));
        return super.matchDocumentsFromStream(query, firstOf(matching, order, skip + limit), skip, limit, batchSize, null, fields);
    }

    /** The first ones in order, without holding the others: a page of a list must not need memory for all of it. */
    private static Stream<Document> firstOf(Stream<Document> documents, Comparator<Document> order, int count) {
        record Row(Document document, long place) {}
        Comparator<Row> rows = Comparator.comparing(Row::document, order).thenComparingLong(Row::place);
        PriorityQueue<Row> kept = new PriorityQueue<>(rows.reversed());
        long[] place = {0};
        documents.sequential().forEachOrdered(document -> {
            kept.add(new Row(document, place[0]++));
            if (kept.size() > count) kept.poll();
        });
        return kept.stream().sorted(rows).map(Row::document);
    }
}
