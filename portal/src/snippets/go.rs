//! Go with `net/http`.

use super::Dialect;

pub(super) const DIALECT: Dialect = Dialect {
    id: "go",
    language: "Go",
    program: r#"// call.go: go run call.go
package main

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	gateway := cmp.Or(os.Getenv("KONAPLATE_GATEWAY"), "http://127.0.0.1:8788")
	body := BODY

	client := &http.Client{Timeout: 60 * time.Second}
	response, err := client.Post(gateway+"PATH", "application/json", strings.NewReader(body))
	if err != nil {
		log.Fatalln("no response: the call may have been carried out:", err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatalln("no whole response: the call may have been carried out:", err)
	}
	fmt.Println(response.StatusCode, string(content))
	if response.StatusCode >= 300 {
		fmt.Println("Konaplate-Delivery:", cmp.Or(response.Header.Get("Konaplate-Delivery"), "maybe-processed"))
	}
}
"#,
    quote,
};

/// Nothing is escaped in such a literal: what it cannot hold stands in another one between.
fn quote(text: &str) -> String {
    let mut literal = String::from("`");
    for c in text.chars() {
        match c {
            '`' => literal.push_str("` + \"`\" + `"),
            '\r' => literal.push_str("` + \"\\r\" + `"),
            '\u{feff}' => literal.push_str("` + \"\\ufeff\" + `"),
            _ => literal.push(c),
        }
    }
    literal.push('`');
    literal
}
