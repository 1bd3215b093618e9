// A request as a literal of each language: what the page has before anybody edits it (src/snippets), letter by letter.

/**
 * The inside of a literal between three quotation marks: no three of them stand in a row, and where the literal ends right
 * behind the text, none stands there.
 */
function betweenThree(text, isEnd, quotationMark, escapes) {
  let literal = "";
  let inARow = 0;
  const characters = [...text];
  characters.forEach((c, index) => {
    if (c !== '"') {
      inARow = 0;
      literal += escapes[c] ?? c;
      return;
    }
    inARow += 1;
    if (inARow === 3 || (isEnd && index === characters.length - 1)) {
      inARow = 0;
      literal += quotationMark;
    } else {
      literal += c;
    }
  });
  return literal;
}

const backslashes = { "\\": "\\\\", "\r": "\\r" };

/** A text as a literal, by the language's name in `data-snippet`. */
export const quote = {
  curl(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
  },

  rust(text) {
    if (text.includes("\r")) {
      const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
      return `"${escaped.replaceAll("\r", "\\r")}"`;
    }
    let hashes = "#";
    while (text.includes(`"${hashes}`)) hashes += "#";
    return `r${hashes}"${text}"${hashes}`;
  },

  typescript(text) {
    const escaped = text.replaceAll("\\", "\\\\").replaceAll("`", "\\`");
    return `\`${escaped.replaceAll("${", "\\${").replaceAll("\r", "\\r")}\``;
  },

  python(text) {
    return `"""${betweenThree(text, true, '\\"', backslashes)}"""`;
  },

  java(text) {
    const lines = text.split("\n");
    const written = lines.map((line, index) => {
      const inside = betweenThree(line, false, '\\"', backslashes);
      if (index === lines.length - 1) return `${inside}\\\n`;
      return /[^!-~]$/.test(line) ? `${inside}\\n\\\n` : `${inside}\n`;
    });
    return `"""\n${written.join("")}"""`;
  },

  kotlin(text) {
    return `"""${betweenThree(text, true, "${'\"'}", { $: "${'$'}", "\r": "${'\\r'}" })}"""`;
  },

  go(text) {
    const others = { "`": '` + "`" + `', "\r": '` + "\\r" + `', "\ufeff": '` + "\\ufeff" + `' };
    return `\`${text.replace(/[`\r\ufeff]/g, (c) => others[c])}\``;
  },
};
