package interop

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// block is a fenced block of README.md that a comment before it asks to be run, or to be written into a file.
type block struct {
	mark, text string
}

func blocks(t *testing.T) []block {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	fenced := regexp.MustCompile("(?ms)^<!-- (\\S+) -->\n```\\w+\n(.*?)^```$")
	for _, match := range fenced.FindAllStringSubmatch(string(readme), -1) {
		found = append(found, block{match[1], match[2]})
	}
	return found
}

// What is around the block that is a part of a program, so that it compiles.
const before = `package main

import (
	"context"

	"example/kona"
	"konaplate.invalid/konaplate"
)

func fragment(ctx context.Context, client *kona.ClientWithResponses, body kona.RechargeFromBankAccountRequestBody) {
`

// start runs the program until the test ends, and returns where it listens.
func start(t *testing.T, program string, arguments ...string) string {
	t.Helper()
	command := exec.Command(program, arguments...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, address, found := strings.Cut(lines.Text(), "listening on "); found {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return strings.TrimSpace(address)
		}
	}
	t.Fatalf("%s %s does not listen", program, arguments[0])
	return ""
}

// lines counts those that are not blank.
func lines(text string) int {
	count := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			count++
		}
	}
	return count
}

func TestTheReadmesFirstCallsSucceedAsTheyArePrinted(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	program := os.Getenv("KONAPLATE_PROGRAM")
	if program == "" {
		program = filepath.Join(root, "target/debug/konaplate")
		if _, err := os.Stat(program); err != nil {
			t.Skip("there is no program to call: set KONAPLATE_PROGRAM, or cargo build -p konaplate-cli")
		}
	}
	// A clone without the sources of the program: the blocks name nothing else of it.
	clone, folder := t.TempDir(), t.TempDir()
	for _, name := range []string{"openapi", "interop"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(clone, name)); err != nil {
			t.Fatal(err)
		}
	}
	variables := filepath.Join(clone, "sandbox.env")
	start(t, program, "sandbox", "--listen", "127.0.0.1:0", "--env-file", variables)
	gateway := start(t, program, "gateway", "--listen", "127.0.0.1:0", "--sandbox")
	environment := append(os.Environ(), "KONAPLATE="+clone, "KONAPLATE_GATEWAY="+gateway)

	calls := 0
	run := func(script string) string {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
		defer cancel()
		command := exec.CommandContext(ctx, "sh", "-ec", script)
		command.Dir, command.Env = folder, environment
		output, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%s%v\n%s", script, err, output)
		}
		return string(output)
	}
	for _, block := range blocks(t) {
		if block.mark != "run" {
			text := block.text
			if block.mark == "main.go" && lines(text) > 20 {
				t.Errorf("%d lines: a first call takes 20 at most", lines(text))
			}
			if block.mark == "fragment.go" {
				text = before + text + "}\n"
			}
			if err := os.WriteFile(filepath.Join(folder, block.mark), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		output := run(block.text)
		if strings.Contains(block.text, "go run") {
			calls++
			if !strings.Contains(output, "a token until ") {
				t.Errorf("%s%s", block.text, output)
			}
		}
	}
	run("go vet .")
	if calls != 2 {
		t.Errorf("%d calls: one with the package and one behind the gateway are due", calls)
	}
}
