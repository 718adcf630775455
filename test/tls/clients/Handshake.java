import java.io.IOException;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** Handshakes with the default PKIX checks. CA in PEM on standard input; arguments: port/name of each server. */
class Handshake {
  public static void main(String[] arguments) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(System.in));
    TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    for (String argument : arguments) {
      String[] server = argument.split("/");
      System.out.println(handshake(context, Integer.parseInt(server[0]), server[1]));
    }
  }

  private static String handshake(SSLContext context, int port, String name) throws IOException {
    try (Socket raw = new Socket("127.0.0.1", port);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, name, port, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(20000);
      socket.startHandshake();
      return socket.getSession().getProtocol();
    } catch (IOException failure) {
      Throwable reason = failure;
      while (reason.getCause() != null) reason = reason.getCause();
      return reason.getClass().getSimpleName() + ": " + reason.getMessage();
    }
  }
}
