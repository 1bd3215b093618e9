// Package konaplate makes plain calls of openapi/konaplate-gateway.yaml signed, encrypted calls of the KONA PLATE
// Open API, and their responses plain: as the transport of an [http.Client], for any client that is generated from
// that description.
//
// It sends every call once. It does not retry, and follows no redirect.
package konaplate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// DefaultTimeout is how long a call may take.
const DefaultTimeout = 30 * time.Second

// More than any response has: nobody fills the memory with one.
const largest = 16 << 20

// Transport is an [http.RoundTripper] that signs and encrypts.
//
// A response of the platform has the platform's status and plain JSON; anything else that comes is a problem
// document (RFC 9457) with status 502. Both have the header [DeliveryHeader] unless the call succeeded: see
// [DeliveryOf]. The error of a call without a response is an [*Error].
type Transport struct {
	// Settings are who calls, where, and with which keys.
	Settings Settings
	// Base sends the signed requests. It must send them once. Default: HTTPS as [http.DefaultTransport] does it,
	// with a connection for each call: on one that is kept, the response to an earlier call that came twice would
	// be taken for the response to the next one, and a call that goes out just as the server closes it may or
	// may not have arrived.
	Base http.RoundTripper
	// Timeout is how long a call may take, until its response is there whole. Default: [DefaultTimeout]. Of a limit
	// in http.Client only the text is left of an [*Error].
	Timeout time.Duration

	// Default: time.Now. Tests set it.
	now func() time.Time
}

var defaultBase http.RoundTripper = &http.Transport{
	Proxy:               http.ProxyFromEnvironment,
	DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	TLSHandshakeTimeout: 10 * time.Second,
	ForceAttemptHTTP2:   true,
	DisableKeepAlives:   true,
	DisableCompression:  true,
}

// RoundTrip sends a call, and reads its response.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	plain, err := readBody(request)
	if err != nil {
		return nil, err
	}
	settings := t.Settings.checked
	if settings == nil {
		return nil, rule("Settings", "are not set: make them with SettingsFromEnv or NewSettings")
	}
	path, err := settings.operationPath(request)
	if err != nil {
		return nil, err
	}
	if err := checkPlain(plain); err != nil {
		return nil, err
	}
	signed, id, err := t.sign(request, path, plain)
	if err != nil {
		return nil, err
	}
	response, body, err := t.send(signed, id)
	if err != nil {
		return nil, err
	}
	reading := Interpret(path, response.StatusCode, body, settings.clientPrivateKey)
	return plainResponse(request, response, reading, id), nil
}

// readBody reads a request's body and closes it, as a RoundTripper must.
func readBody(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	defer func() { _ = request.Body.Close() }()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, &Error{Delivery: NotSent, text: "the request's body could not be read", cause: err}
	}
	return body, nil
}

// operationPath is the path of the operation: what comes behind the base URL.
func (s *checked) operationPath(request *http.Request) (string, error) {
	if request.Method != http.MethodPost {
		return "", rule("the method", "must be POST: every operation of the API is one")
	}
	at := request.URL
	// What goes elsewhere gets no key and no signature.
	if at.Scheme != s.baseURL.Scheme || !strings.EqualFold(at.Host, s.baseURL.Host) {
		return "", rule("the URL", "must be below KONAPLATE_BASE_URL")
	}
	path, below := strings.CutPrefix(at.Path, s.baseURL.Path)
	if !below || !strings.HasPrefix(path, "/") {
		return "", rule("the URL", "must be below KONAPLATE_BASE_URL")
	}
	if at.RawQuery != "" {
		return "", rule("the URL", "must have no query: all is in the body")
	}
	return path, nil
}

// checkPlain checks what is to be sent before anything is done with it.
func checkPlain(body []byte) error {
	envelope, ok := ReadEnvelope(body)
	if !ok {
		return rule("the body", "must be a JSON object in UTF-8")
	}
	if envelope.EncData != nil {
		return rule("the body", "must be plain: encData is made here")
	}
	return nil
}

// sign makes the request that goes out, and its correlation id.
func (t *Transport) sign(request *http.Request, path string, body []byte) (*http.Request, string, error) {
	settings, flags := t.Settings.checked, described().operations[path]
	if flags.EncryptRequest {
		jwe, err := Encrypt(settings.serverPublicKey, body)
		if err != nil {
			return nil, "", &Error{Delivery: NotSent, text: "the body could not be encrypted", cause: err}
		}
		body = []byte(`{"encData":"` + jwe + `"}`)
	}
	now := time.Now
	if t.now != nil {
		now = t.now
	}
	at := now()
	id := CorrelationID(at, KST, freshNumber())

	signed := request.Clone(request.Context())
	for name, value := range map[string]string{
		"Content-Type":        "application/json",
		"Accept":              "application/json",
		"X-KM-User-AspId":     settings.aspID,
		"X-KM-Access-Key":     settings.accessKey,
		"X-KM-Correlation-Id": id,
		"X-KM-Time-Zone":      "KST",
		"X-KM-Tran-Time":      TranTime(at, KST),
		"X-KM-Tran-Token":     Sign(settings.secretKey, body, at, KST),
	} {
		signed.Header.Set(name, value)
	}
	signed.Header.Del("X-KM-Crypto-Key-Id")
	if flags.SendKeyID {
		signed.Header.Set("X-KM-Crypto-Key-Id", settings.cryptoKey)
	}
	// With one of these, or with GetBody, net/http sends a request again by itself.
	signed.Header.Del("Idempotency-Key")
	signed.Header.Del("X-Idempotency-Key")
	signed.GetBody = nil
	// Who asks for compression has to undo it.
	signed.Header.Del("Accept-Encoding")
	signed.Body = io.NopCloser(bytes.NewReader(body))
	signed.ContentLength = int64(len(body))
	signed.TransferEncoding = nil
	return signed, id, nil
}

// send sends a request once, and reads the body of its response whole.
func (t *Transport) send(request *http.Request, id string) (*http.Response, []byte, error) {
	base, limit := t.Base, t.Timeout
	if base == nil {
		base = defaultBase
	}
	if limit <= 0 {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(request.Context(), limit)
	defer cancel()
	// Nothing can have left where a connection was asked for and none was got. A Base that says neither proves
	// nothing.
	var asked, got atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { got.Store(true) },
	})

	response, err := base.RoundTrip(request.WithContext(ctx))
	if err != nil {
		failed := &Error{Delivery: MaybeProcessed, CorrelationID: id, text: "no response came", cause: err}
		if failed.Timeout() {
			failed.text += " in time"
		}
		if asked.Load() && !got.Load() {
			// Only here the cause is named: what breaks later can have text of the response in it.
			failed.Delivery, failed.text = NotSent, "no connection to the platform: "+err.Error()
		}
		return nil, nil, failed
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, largest+1))
	if err == nil && len(body) > largest {
		err = errors.New("a response of more than 16 MiB")
	}
	if err != nil {
		return nil, nil, &Error{
			Delivery: MaybeProcessed, CorrelationID: id, text: "the response did not come whole", cause: err,
		}
	}
	return response, body, nil
}

// plainResponse is what the caller gets in the place of what came: its own headers would be of another body, and
// its Location would be followed.
func plainResponse(request *http.Request, came *http.Response, reading Reading, id string) *http.Response {
	status, contentType, body := came.StatusCode, "application/json", reading.Body
	if body == nil {
		status, contentType = http.StatusBadGateway, "application/problem+json"
		body = problem(reading, came.StatusCode, id)
	}
	header := http.Header{}
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-KM-Correlation-Id", id)
	if reading.Delivery != "" {
		header.Set(DeliveryHeader, string(reading.Delivery))
	}
	return &http.Response{
		Status:        fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode:    status,
		Proto:         came.Proto,
		ProtoMajor:    came.ProtoMajor,
		ProtoMinor:    came.ProtoMinor,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		TLS:           came.TLS,
		Request:       request,
	}
}
