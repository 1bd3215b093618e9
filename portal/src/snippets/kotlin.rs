//! Kotlin with the HTTP client of the JDK.

use super::{Dialect, between_three};

pub(super) const DIALECT: Dialect = Dialect {
    id: "kotlin",
    language: "Kotlin",
    program: r#"// Call.kt, Java 17 or later: kotlinc Call.kt -include-runtime -d call.jar && java -jar call.jar
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.time.Duration

fun main() {
    val gateway = System.getenv("KONAPLATE_GATEWAY") ?: "http://127.0.0.1:8788"
    val body = BODY

    val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()
    val request = HttpRequest.newBuilder(URI.create(gateway + "PATH"))
        .timeout(Duration.ofSeconds(60))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build()
    // An exception is no response: the call may have been carried out.
    val response = client.send(request, HttpResponse.BodyHandlers.ofString())
    println("${response.statusCode()} ${response.body()}")
    if (response.statusCode() >= 300) {
        val delivery = response.headers().firstValue("Konaplate-Delivery").orElse("maybe-processed")
        println("Konaplate-Delivery: $delivery")
    }
}
"#,
    quote,
};

/// Nothing is escaped in such a literal: what it cannot hold is put into it.
fn quote(text: &str) -> String {
    let inside = between_three(text, true, "${'\"'}", |c| match c {
        '$' => Some("${'$'}"),
        '\r' => Some("${'\\r'}"),
        _ => None,
    });
    format!("\"\"\"{inside}\"\"\"")
}
