//! Markdown of the description as HTML. What would be HTML in it is text.

use maud::{Markup, PreEscaped, Render as _};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A text of several paragraphs, whose headings stand below one of that level.
pub(crate) fn markdown(text: &str, level: usize) -> Markup {
    let mut out = String::new();
    let mut in_head = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(tag) => match tag {
                Tag::TableHead => {
                    in_head = true;
                    out.push_str("<thead><tr>");
                }
                Tag::TableCell if in_head => out.push_str("<th scope=\"col\">"),
                Tag::Heading { level: own, .. } => {
                    out.push_str(&format!("<h{}>", (own as usize + level).min(6)));
                }
                Tag::CodeBlock(kind) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let class = maud::html! { pre tabindex="0" data-language=(language) {} };
                    // The tag alone, without its end.
                    out.push_str(class.into_string().trim_end_matches("</pre>"));
                    out.push_str("<code>");
                }
                // Links of a description lead away from this machine: their text alone is shown.
                Tag::Link { .. } | Tag::Image { .. } => {}
                other => out.push_str(start(&other)),
            },
            Event::End(tag) => match tag {
                TagEnd::TableHead => {
                    in_head = false;
                    out.push_str("</tr></thead><tbody>");
                }
                TagEnd::TableCell if in_head => out.push_str("</th>"),
                TagEnd::Heading(own) => {
                    out.push_str(&format!("</h{}>", (own as usize + level).min(6)))
                }
                TagEnd::CodeBlock => out.push_str("</code></pre>"),
                TagEnd::Link | TagEnd::Image => {}
                other => out.push_str(end(other)),
            },
            Event::Code(code) => {
                out.push_str("<code>");
                code.as_ref().render_to(&mut out);
                out.push_str("</code>");
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                text.as_ref().render_to(&mut out);
            }
            Event::SoftBreak => out.push('\n'),
            Event::HardBreak => out.push_str("<br>"),
            Event::Rule => out.push_str("<hr>"),
            _ => {}
        }
    }
    PreEscaped(out)
}

fn start(tag: &Tag<'_>) -> &'static str {
    match tag {
        Tag::Paragraph => "<p>",
        Tag::BlockQuote(_) => "<blockquote>",
        Tag::List(None) => "<ul>",
        Tag::List(Some(_)) => "<ol>",
        Tag::Item => "<li>",
        Tag::Table(_) => "<div class=\"wide\" tabindex=\"0\"><table>",
        Tag::TableRow => "<tr>",
        Tag::TableCell => "<td>",
        Tag::Emphasis => "<em>",
        Tag::Strong => "<strong>",
        _ => "",
    }
}

fn end(tag: TagEnd) -> &'static str {
    match tag {
        TagEnd::Paragraph => "</p>",
        TagEnd::BlockQuote(_) => "</blockquote>",
        TagEnd::List(false) => "</ul>",
        TagEnd::List(true) => "</ol>",
        TagEnd::Item => "</li>",
        TagEnd::Table => "</tbody></table></div>",
        TagEnd::TableRow => "</tr>",
        TagEnd::TableCell => "</td>",
        TagEnd::Emphasis => "</em>",
        TagEnd::Strong => "</strong>",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        markdown(text, 1).into_string()
    }

    #[test]
    fn tables_headings_lists_and_code_become_what_they_are() {
        assert_eq!(
            of("# A\n\n- b `c<d`\n"),
            "<h2>A</h2><ul><li>b <code>c&lt;d</code></li></ul>"
        );
        assert_eq!(
            of("| a | b |\n|---|---|\n| 1 | 2 |\n"),
            "<div class=\"wide\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead>\
             <tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>"
        );
        assert_eq!(
            of("```json\n{\"a\": \"<b>\"}\n```\n"),
            "<pre tabindex=\"0\" data-language=\"json\"><code>{&quot;a&quot;: &quot;&lt;b&gt;&quot;}\n</code></pre>"
        );
    }

    #[test]
    fn markup_is_text_and_links_lead_nowhere() {
        for text in [
            "<img src=x onerror=alert(1)>",
            "a <script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "![x](http://example.com/a)",
        ] {
            let html = of(text);
            assert!(
                !html.contains("<img") && !html.contains("<script") && !html.contains("href"),
                "{html}"
            );
        }
    }
}
