import java.util.List;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** Runs one node of OpenSearch on the loopback address until it is killed: `java Node FOLDER HTTP_PORT TRANSPORT_PORT`. */
public class Node {
  public static void main(String[] arguments) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((index, settings) -> {
      settings.put("network.host", "127.0.0.1");
      settings.put("http.port", arguments[1]);
      settings.put("transport.port", arguments[2]);
      settings.put("discovery.type", "single-node");
      settings.putList("discovery.seed_hosts", List.of());
      settings.remove("cluster.initial_cluster_manager_nodes");
      settings.remove("discovery.seed_hosts");
    });
    runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1));
    Thread.currentThread().join();
  }
}
