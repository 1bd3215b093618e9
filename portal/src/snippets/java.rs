//! Java 17 with `java.net.http`.

use super::{Dialect, between_three};

pub(super) const DIALECT: Dialect = Dialect {
    id: "java",
    language: "Java",
    program: r#"// Call.java, Java 17 or later: java -Dfile.encoding=UTF-8 Call.java
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

class Call {
    public static void main(String[] arguments) throws Exception {
        String gateway = System.getenv().getOrDefault("KONAPLATE_GATEWAY", "http://127.0.0.1:8788");
        String body = BODY;

        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(gateway + "PATH"))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        // An exception is no response: the call may have been carried out.
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode() + " " + response.body());
        if (response.statusCode() >= 300) {
            String delivery = response.headers().firstValue("Konaplate-Delivery").orElse("maybe-processed");
            System.out.println("Konaplate-Delivery: " + delivery);
        }
    }
}
"#,
    quote,
};

/// The mark at the end stands in the first column, so that no indentation is taken off, behind a line break that is none of
/// the text. Whitespace at the end of a line would be taken off, too: there the line break is an escape.
fn quote(text: &str) -> String {
    let mut literal = "\"\"\"\n".to_owned();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        literal.push_str(&between_three(line, false, "\\\"", |c| match c {
            '\\' => Some(r"\\"),
            '\r' => Some(r"\r"),
            _ => None,
        }));
        let may_be_whitespace = line.ends_with(|c: char| !c.is_ascii_graphic());
        literal.push_str(match lines.peek() {
            None => "\\\n",
            Some(_) if may_be_whitespace => "\\n\\\n",
            Some(_) => "\n",
        });
    }
    literal.push_str("\"\"\"");
    literal
}
