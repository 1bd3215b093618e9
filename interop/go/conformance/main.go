// Command conformance runs the cases of openapi/conformance against the package konaplate, and prints what became of
// them as JSON. Its argument is the folder with the cases.
package main

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"konaplate.invalid/konaplate"
)

// testCase has the members of all kinds of cases.
type testCase struct {
	Name string `json:"name"`

	Secret     string `json:"secret"`
	EpochMs    int64  `json:"epoch_ms"`
	Zone       string `json:"zone"`
	Timestamp  string `json:"timestamp"`
	TranTime   string `json:"tran_time"`
	Form       string `json:"form"`
	BodyBase64 string `json:"body_base64"`
	Token      string `json:"token"`

	Kind  string `json:"kind"`
	Hex   string `json:"hex"`
	ID    string `json:"id"`
	Valid bool   `json:"valid"`

	PrivateKey       string `json:"private_key"`
	PlaintextBase64  string `json:"plaintext_base64"`
	JWE              string `json:"jwe"`
	NeedsRSAOAEPSHA1 bool   `json:"needs_rsa_oaep_sha1"`

	EncData *string `json:"enc_data"`
	Code    *string `json:"code"`

	Path     string            `json:"path"`
	Status   int               `json:"status"`
	Headers  map[string]string `json:"headers"`
	Delivery string            `json:"delivery"`
	Expect   struct {
		Kind            string `json:"kind"`
		PlaintextBase64 string `json:"plaintext_base64"`
		Code            string `json:"code"`
		Status          int    `json:"status"`
		Delivery        string `json:"delivery"`
	} `json:"expect"`
}

type failure struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

type result struct {
	Passed int       `json:"passed"`
	Failed []failure `json:"failed"`
}

var folder string

// What runs the cases of each file.
var runners = map[string]func(testCase) error{
	"signing":         runSigning,
	"correlation_ids": runCorrelationID,
	"jwe_jose":        runMessage,
	"jwe_jwcrypto":    runMessage,
	"jwe_konaplate":   runMessage,
	"jwe_negative":    runRefusal,
	"envelopes":       runEnvelope,
	"responses":       runResponse,
	"verdicts":        runVerdict,
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("the argument is the folder with the cases")
	}
	folder = os.Args[1]
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("there are no cases in %s", folder)
	}
	results := map[string]result{}
	for _, path := range files {
		file := strings.TrimSuffix(filepath.Base(path), ".json")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var cases struct {
			Cases []testCase `json:"cases"`
		}
		if err := json.Unmarshal(text, &cases); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		outcome := result{Failed: []failure{}}
		for _, c := range cases.Cases {
			if file == "signing" && c.Form != "raw_body" {
				continue
			}
			if err := attempt(file, c); err != nil {
				outcome.Failed = append(outcome.Failed, failure{c.Name, err.Error()})
			} else {
				outcome.Passed++
			}
		}
		results[file] = outcome
	}
	return json.NewEncoder(os.Stdout).Encode(results)
}

// attempt runs a case. One that panics has failed like any other.
func attempt(file string, c testCase) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	runner, known := runners[file]
	if !known {
		return errors.New("nothing here runs cases of this file")
	}
	return runner(c)
}

func expect(what string, got, want any) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: %v, expected %v", what, got, want)
	}
	return nil
}

func zone(name string) (*time.Location, error) {
	switch name {
	case "KST":
		return konaplate.KST, nil
	case "UTC":
		return time.UTC, nil
	}
	return nil, fmt.Errorf("no such zone: %s", name)
}

func runSigning(c testCase) error {
	in, err := zone(c.Zone)
	if err != nil {
		return err
	}
	body, err := base64.StdEncoding.DecodeString(c.BodyBase64)
	if err != nil {
		return err
	}
	at := time.UnixMilli(c.EpochMs)
	token := konaplate.Sign(c.Secret, body, at, in)
	return errors.Join(
		expect("timestamp", strings.Split(token, ":")[1], c.Timestamp),
		expect("X-KM-Tran-Time", konaplate.TranTime(at, in), c.TranTime),
		expect("token", token, c.Token),
	)
}

func runCorrelationID(c testCase) error {
	if c.Kind == "check" {
		return expect("valid", konaplate.IsCorrelationID(c.ID), c.Valid)
	}
	in, err := zone(c.Zone)
	if err != nil {
		return err
	}
	number, err := strconv.ParseUint(c.Hex, 16, 28)
	if err != nil {
		return err
	}
	return expect("id", konaplate.CorrelationID(time.UnixMilli(c.EpochMs), in, uint32(number)), c.ID)
}

func privateKey(file string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(filepath.Join(folder, "keys", file))
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil {
		text = block.Bytes
	}
	key, err := x509.ParsePKCS8PrivateKey(text)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("no RSA key")
	}
	return private, nil
}

func runMessage(c testCase) error {
	if c.NeedsRSAOAEPSHA1 {
		return runRefusal(c)
	}
	key, err := privateKey(c.PrivateKey)
	if err != nil {
		return err
	}
	want, err := base64.StdEncoding.DecodeString(c.PlaintextBase64)
	if err != nil {
		return err
	}
	plaintext, err := konaplate.Decrypt(key, c.JWE)
	if err != nil {
		return err
	}
	if !bytes.Equal(plaintext, want) {
		return errors.New("another plaintext")
	}
	return nil
}

func runRefusal(c testCase) error {
	key, err := privateKey(c.PrivateKey)
	if err != nil {
		return err
	}
	if _, err := konaplate.Decrypt(key, c.JWE); !errors.Is(err, konaplate.ErrDecrypt) {
		return errors.New("decrypted, and it must be refused")
	}
	return nil
}

func runEnvelope(c testCase) error {
	body, err := base64.StdEncoding.DecodeString(c.BodyBase64)
	if err != nil {
		return err
	}
	envelope, _ := konaplate.ReadEnvelope(body)
	return errors.Join(
		expect("encData", text(envelope.EncData), text(c.EncData)),
		expect("code", text(envelope.Code), text(c.Code)),
	)
}

// text is a text as JSON writes it, or null.
func text(value *string) string {
	written, _ := json.Marshal(value)
	return string(written)
}

func runVerdict(c testCase) error {
	code := ""
	if c.Code != nil {
		code = *c.Code
	}
	return expect("delivery", string(konaplate.Verdict(c.Path, c.Status, code)), c.Delivery)
}

// canned is a connection that has this response.
type canned struct {
	status int
	header http.Header
	body   []byte
}

func (c canned) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Header: c.header, Body: io.NopCloser(bytes.NewReader(c.body)),
		ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// runResponse runs a response through the whole transport, below an http.Client.
func runResponse(c testCase) error {
	body, err := base64.StdEncoding.DecodeString(c.BodyBase64)
	if err != nil {
		return err
	}
	settings, err := settingsWith(c.PrivateKey)
	if err != nil {
		return err
	}
	header := http.Header{}
	for name, value := range c.Headers {
		header.Set(name, value)
	}
	client := http.Client{Transport: &konaplate.Transport{Settings: settings, Base: canned{c.Status, header, body}}}
	response, err := client.Post(settings.BaseURL()+c.Path, "application/json", strings.NewReader(`{}`))
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return check(c, response, read)
}

func check(c testCase, response *http.Response, body []byte) error {
	if id := response.Header.Get("X-KM-Correlation-Id"); !konaplate.IsCorrelationID(id) {
		return fmt.Errorf("X-KM-Correlation-Id: %q", id)
	}
	var read map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&read); err != nil {
		return err
	}
	delivery := response.Header.Get(konaplate.DeliveryHeader)
	contentType := response.Header.Get("Content-Type")
	switch c.Expect.Kind {
	case "success":
		plaintext, err := base64.StdEncoding.DecodeString(c.Expect.PlaintextBase64)
		if err != nil {
			return err
		}
		var want map[string]any
		decoder := json.NewDecoder(bytes.NewReader(plaintext))
		decoder.UseNumber()
		if err := decoder.Decode(&want); err != nil {
			return err
		}
		return errors.Join(
			expect("status", response.StatusCode, c.Status),
			expect("Content-Type", contentType, "application/json"),
			expect("delivery", delivery, ""),
			expect("body", read, want),
		)
	case "failure":
		envelope, _ := konaplate.ReadEnvelope(body)
		return errors.Join(
			expect("status", response.StatusCode, c.Expect.Status),
			expect("Content-Type", contentType, "application/json"),
			expect("delivery", delivery, c.Expect.Delivery),
			expect("code", text(envelope.Code), text(&c.Expect.Code)),
		)
	case "problem":
		return errors.Join(
			expect("status", response.StatusCode, 502),
			expect("Content-Type", contentType, "application/problem+json"),
			expect("delivery", delivery, c.Expect.Delivery),
			expect("delivery of the document", read["delivery"], any(c.Expect.Delivery)),
			expect("upstreamStatus", read["upstreamStatus"], any(json.Number(strconv.Itoa(c.Status)))),
		)
	}
	return fmt.Errorf("no such expectation: %s", c.Expect.Kind)
}

// settingsWith are settings with that private key; the rest is invented.
func settingsWith(keyFile string) (konaplate.Settings, error) {
	private, err := os.ReadFile(filepath.Join(folder, "keys", keyFile))
	if err != nil {
		return konaplate.Settings{}, err
	}
	public, err := os.ReadFile(filepath.Join(folder, "keys", "server.spki.pem"))
	if err != nil {
		return konaplate.Settings{}, err
	}
	return konaplate.NewSettings(func(name string) string {
		return map[string]string{
			"KONAPLATE_BASE_URL":           "https://konaplate.invalid/open-api",
			"KONAPLATE_ASP_ID":             "000170000000000",
			"KONAPLATE_ACCESS_KEY":         "5a4db0c-0123456789abcdef0123456789abcdef",
			"KONAPLATE_SECRET_KEY":         "an invented secret key",
			"KONAPLATE_CRYPTO_KEY_ID":      "5a4db0c0000000000000000000000001",
			"KONAPLATE_SERVER_PUBLIC_KEY":  string(public),
			"KONAPLATE_CLIENT_PRIVATE_KEY": string(private),
		}[name]
	})
}
