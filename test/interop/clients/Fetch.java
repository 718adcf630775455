import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Fetches with java.net.http: Fetch <proxy port> <CA file> (<HTTP_1_1 | HTTP_2> <url>)...; one line
 * for each: status, version and body, or the error.
 */
public class Fetch {
  public static void main(String[] args) throws Exception {
    KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
    roots.load(null, null);
    try (FileInputStream pem = new FileInputStream(args[1])) {
      roots.setCertificateEntry("waylay", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(roots);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    ProxySelector proxy = ProxySelector.of(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])));

    for (int i = 2; i + 1 < args.length; i += 2) {
      // One client for each, so that no connection is used twice.
      HttpClient client = HttpClient.newBuilder()
          .version(HttpClient.Version.valueOf(args[i]))
          .proxy(proxy)
          .sslContext(tls)
          .build();
      HttpRequest request = HttpRequest.newBuilder(URI.create(args[i + 1])).timeout(Duration.ofSeconds(30)).build();
      try {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.version() + " " + response.body().strip());
      } catch (java.io.IOException error) {
        System.out.println(error);
      }
    }
  }
}
