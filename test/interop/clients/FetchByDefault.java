import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/**
 * Fetches with nothing set in code, first by java.net.http and then by HttpURLConnection: FetchByDefault <url>...;
 * prints each body, and ends at the first error.
 */
public class FetchByDefault {
  public static void main(String[] urls) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (String url : urls) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).body().strip());
    }
    for (String url : urls) {
      try (InputStream body = URI.create(url).toURL().openStream()) {
        System.out.println(new String(body.readAllBytes()).strip());
      }
    }
  }
}
