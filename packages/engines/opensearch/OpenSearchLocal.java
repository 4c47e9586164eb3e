// One OpenSearch node in this process, with its standard modules from the classpath instead of a plugins folder.
// Run: java -cp 'opensearch-local.jar:libs/*' OpenSearchLocal HOME   (reads HOME/config/opensearch.yml, keeps its data in HOME/data)
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

public final class OpenSearchLocal extends Node {
    /** Without their ending, which is ModulePlugin from version 3 on, and mostly Plugin before. */
    private static final List<String> MODULES = List.of(
        "org.opensearch.transport.Netty4",
        "org.opensearch.analysis.common.CommonAnalysis",
        "org.opensearch.index.mapper.MapperExtras",
        "org.opensearch.join.ParentJoin",
        "org.opensearch.percolator.Percolator",
        "org.opensearch.search.aggregations.matrix.MatrixAggregation",
        "org.opensearch.index.reindex.Reindex",
        "org.opensearch.index.rankeval.RankEval",
        "org.opensearch.painless.Painless",
        "org.opensearch.script.expression.Expression",
        "org.opensearch.script.mustache.Mustache",
        "org.opensearch.ingest.common.IngestCommon",
        "org.opensearch.search.pipeline.common.SearchPipelineCommon");

    private OpenSearchLocal(Environment environment) throws ClassNotFoundException {
        super(environment, modules(), true);
    }

    /** Version 3 wants them described, version 2 wants the classes; the constructor's erasure is the same. */
    @SuppressWarnings({ "rawtypes", "unchecked" })
    private static Collection modules() throws ClassNotFoundException {
        Collection modules = new ArrayList();
        for (String name : MODULES) {
            Class<?> module = find(name);
            modules.add(Version.CURRENT.major < 3 ? module : describe(module.getName()));
        }
        return modules;
    }

    private static Class<?> find(String name) throws ClassNotFoundException {
        try {
            return Class.forName(name + "ModulePlugin");
        } catch (ClassNotFoundException e) {
            return Class.forName(name + "Plugin");
        }
    }

    private static PluginInfo describe(String className) {
        String java = Integer.toString(Runtime.version().feature());
        return new PluginInfo(className, "a standard module", "NA", Version.CURRENT, java, className, null, List.of(), false);
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]).toAbsolutePath();
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.EMPTY, Map.of("path.home", home.toString()), home.resolve("config"), () -> "local");
        OpenSearchLocal node;
        try {
            node = new OpenSearchLocal(environment);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "shutdown"));
            node.start();
        } catch (Throwable e) {
            // Threads of a half-built node would keep the process alive.
            e.printStackTrace();
            System.exit(1);
            return;
        }
        Thread.currentThread().join();
    }

    private static void close(Node node) {
        try {
            node.close();
        } catch (IOException e) {
            e.printStackTrace();
        }
    }
}
