import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVStore;

/** Answers a write only after it is in the file; writers that wait together share one commit. */
class DurableBackend extends H2Backend {
    private static final Set<String> WRITES = Set.of("insert", "update", "delete", "findandmodify", "create",
        "createindexes", "drop", "dropindexes", "dropdatabase", "renamecollection");
    private final boolean fsync;
    // Shared by writes, exclusive for a commit: the file never holds half a write (document without index entry).
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock(true);
    private final Object committer = new Object();
    private final AtomicLong written = new AtomicLong();
    private volatile long committed;
    private volatile boolean closing;

    DurableBackend(MVStore store, boolean fsync) {
        super(store);
        this.fsync = fsync;
    }

    @Override protected MongoDatabase openOrCreateDatabase(String name) {
        return new DurableDatabase(name, getCursorRegistry());
    }

    @Override public Document handleCommand(Channel channel, String db, String command, Document query) {
        String name = command.toLowerCase();
        boolean write = WRITES.contains(name)
            || name.equals("aggregate") && query.toString().matches("(?s).*\\$(out|merge)\\b.*");
        if (!write) return super.handleCommand(channel, db, command, query);
        gate.readLock().lock();
        long mine;
        try {
            return super.handleCommand(channel, db, command, query);
        } finally { // also after an error: part of a bulk may have been written
            mine = written.incrementAndGet();
            gate.readLock().unlock();
            awaitCommit(mine);
        }
    }

    private void awaitCommit(long mine) {
        synchronized (committer) {
            if (committed >= mine) return; // an earlier writer's commit took this write along
            commitNow(false);
        }
    }

    private boolean commitNow(boolean compact) {
        gate.writeLock().lock();
        try {
            long upTo = written.get();
            boolean more = compact && getMvStore().compact(60, 4 << 20);
            getMvStore().commit();
            if (fsync) getMvStore().sync();
            committed = upTo;
            return more;
        } finally {
            gate.writeLock().unlock();
        }
    }

    /** Rewrites mostly dead chunks while there are writes, else the file grows with every commit. */
    void startHousekeeping() {
        Thread thread = new Thread(() -> {
            long seen = 0;
            while (!closing) {
                try {
                    Thread.sleep(1_000);
                    long now = written.get();
                    if (now == seen || closing) continue;
                    boolean more;
                    synchronized (committer) { more = commitNow(true); }
                    if (!more) seen = now;
                } catch (InterruptedException e) {
                    return;
                } catch (RuntimeException e) {
                    if (!closing) System.err.println("MONGODB_HOUSEKEEPING " + e);
                }
            }
        }, "mongo-housekeeping");
        thread.setDaemon(true);
        thread.start();
    }

    @Override public void close() {
        closing = true;
        synchronized (committer) {
            if (!getMvStore().isClosed()) {
                commitNow(false);
                getMvStore().sync();
                getMvStore().close(1_000);
            }
        }
        super.close();
    }
}
