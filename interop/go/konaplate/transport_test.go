package konaplate

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	tokenPath    = "/api/v2/payment/generate/onetimetoken"
	rechargePath = "/api/v1/recharges/by-bank-accounts/no-hce"
	giftPath     = "/api/v1/gifts/cards/transmission/no-hce"
	inquiryPath  = "/api/v1/recharges/by-bank-account/result/inquiry"
	secretText   = "a secret that was issued"
)

// One key serves as the server's and the client's: it takes long to make.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func variables(baseURL string) map[string]string {
	private, err := x509.MarshalPKCS8PrivateKey(testKey())
	if err != nil {
		panic(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&testKey().PublicKey)
	if err != nil {
		panic(err)
	}
	return map[string]string{
		"KONAPLATE_BASE_URL":           baseURL,
		"KONAPLATE_ASP_ID":             "953365000000000",
		"KONAPLATE_ACCESS_KEY":         "0a1b2c3-0123456789abcdef0123456789abcdef",
		"KONAPLATE_SECRET_KEY":         secretText,
		"KONAPLATE_CRYPTO_KEY_ID":      "0123456789abcdef0123456789abcdef",
		"KONAPLATE_SERVER_PUBLIC_KEY":  base64.StdEncoding.EncodeToString(public),
		"KONAPLATE_CLIENT_PRIVATE_KEY": base64.StdEncoding.EncodeToString(private),
	}
}

func settingsFor(t *testing.T, baseURL string) Settings {
	t.Helper()
	values := variables(baseURL)
	settings, err := NewSettings(func(name string) string { return values[name] })
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// A platform gives every call the same response and keeps what came.
type platform struct {
	*httptest.Server
	status  int
	header  map[string]string
	body    string
	calls   atomic.Int32
	request *http.Request
	sent    []byte
}

func startPlatform(t *testing.T, status int, body string) *platform {
	t.Helper()
	p := &platform{status: status, body: body}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.calls.Add(1)
		p.request = r
		p.sent, _ = io.ReadAll(r.Body)
		for name, value := range p.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(p.status)
		_, _ = io.WriteString(w, p.body)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *platform) call(t *testing.T, path, body string) (*http.Response, string) {
	t.Helper()
	response, err := settingsFor(t, p.URL+"/open-api").Client().Post(p.URL+"/open-api"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(read)
}

func TestTheBytesThatGoOutAreEncryptedAndThenSigned(t *testing.T) {
	p := startPlatform(t, 200, `{"response":{"code":"000_000"}}`)
	plain := `{"userId":9999999999999999999, "amount":20000}`
	response, _ := p.call(t, giftPath, plain)

	if p.request.URL.Path != "/open-api"+giftPath || p.request.Method != "POST" {
		t.Errorf("%s %s", p.request.Method, p.request.URL.Path)
	}
	var envelope map[string]string
	if err := json.Unmarshal(p.sent, &envelope); err != nil || len(envelope) != 1 {
		t.Fatalf("sent %s", p.sent)
	}
	// Another reader than the one here.
	message, err := jose.ParseEncryptedCompact(envelope["encData"],
		[]jose.KeyAlgorithm{jose.RSA_OAEP_256}, []jose.ContentEncryption{jose.A128GCM})
	if err != nil {
		t.Fatal(err)
	}
	if decrypted, err := message.Decrypt(testKey()); err != nil || string(decrypted) != plain {
		t.Errorf("%v: decrypted %s", err, decrypted)
	}
	header, _, _ := strings.Cut(envelope["encData"], ".")
	if text, _ := base64.RawURLEncoding.DecodeString(header); string(text) != `{"enc":"A128GCM","alg":"RSA-OAEP-256"}` {
		t.Errorf("JOSE header %s", text)
	}

	sent := p.request.Header
	at, err := time.ParseInLocation("20060102150405", sent.Get("X-KM-Tran-Time"), KST)
	if err != nil || time.Since(at).Abs() > time.Minute {
		t.Errorf("X-KM-Tran-Time %s", sent.Get("X-KM-Tran-Time"))
	}
	token := strings.Split(sent.Get("X-KM-Tran-Token"), ":")
	instant, err := time.ParseInLocation("20060102150405.000", token[1][:14]+"."+token[1][14:], KST)
	if err != nil || Sign(secretText, p.sent, instant, KST) != sent.Get("X-KM-Tran-Token") {
		t.Errorf("X-KM-Tran-Token %s does not sign %s", sent.Get("X-KM-Tran-Token"), p.sent)
	}
	if token[1][:14] != sent.Get("X-KM-Tran-Time") || token[1][2:14] != sent.Get("X-KM-Correlation-Id")[:12] {
		t.Errorf("several instants: %v", sent)
	}
	id := sent.Get("X-KM-Correlation-Id")
	if !IsCorrelationID(id) || response.Header.Get("X-KM-Correlation-Id") != id {
		t.Errorf("sent with %q, came with %q", id, response.Header.Get("X-KM-Correlation-Id"))
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "",
		"X-KM-User-AspId": "953365000000000", "X-KM-Access-Key": "0a1b2c3-0123456789abcdef0123456789abcdef",
		"X-KM-Time-Zone": "KST", "X-KM-Crypto-Key-Id": "0123456789abcdef0123456789abcdef",
	} {
		if got := sent.Get(name); got != want {
			t.Errorf("header %s went out as %q", name, got)
		}
	}
}

func TestAPlainOperationGoesOutByteByByte(t *testing.T) {
	p := startPlatform(t, 200, `{"response":{"code":"000_000"}}`)
	for _, path := range []string{"/api/v1/user/password/check", "/api/v9/unknown"} {
		p.call(t, path, `{ "loginId" : "kona" }`)
		if string(p.sent) != `{ "loginId" : "kona" }` {
			t.Errorf("%s: sent %s", path, p.sent)
		}
		if id := p.request.Header.Get("X-KM-Crypto-Key-Id"); id != "" {
			t.Errorf("%s: sent with the id of a key", path)
		}
	}
}

func TestAnEncryptedResponseComesPlain(t *testing.T) {
	jwe, err := Encrypt(&testKey().PublicKey, []byte(`{"response":{"code":"000_000"},"userId":9999999999999999999}`))
	if err != nil {
		t.Fatal(err)
	}
	p := startPlatform(t, 200, `{"encData":"`+jwe+`"}`)
	p.header = map[string]string{"Content-Type": "text/plain", "X-Other": "1"}
	response, body := p.call(t, tokenPath, `{}`)
	if response.StatusCode != 200 || body != `{"response":{"code":"000_000"},"userId":9999999999999999999}` {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	if response.Header.Get("Content-Type") != "application/json" || DeliveryOf(response) != "" {
		t.Errorf("%v", response.Header)
	}
}

func TestWhatAFailureProvesIsSaid(t *testing.T) {
	for _, c := range []struct {
		path     string
		status   int
		code     string
		delivery Delivery
	}{
		{rechargePath, 400, "007_008", EarlierCall},
		{giftPath, 400, "005_022", NotCarriedOut},
		{rechargePath, 400, "999_999", MaybeProcessed},
		{giftPath, 500, "005_022", MaybeProcessed},
		{giftPath, 200, "005_022", MaybeProcessed},
		{inquiryPath, 400, "007_008", Declined},
		{inquiryPath, 400, "999_999", MaybeProcessed},
		{"/api/v9/unknown", 400, "007_008", MaybeProcessed},
	} {
		p := startPlatform(t, c.status, `{"response":{"code":"`+c.code+`"}}`)
		response, body := p.call(t, c.path, `{}`)
		if response.StatusCode != c.status || DeliveryOf(response) != c.delivery || body != p.body {
			t.Errorf("%v: %d %s %s", c, response.StatusCode, DeliveryOf(response), body)
		}
	}
}

func TestWhatIsNoResponseOfThePlatformIsAProblem(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
	}{
		{502, "<html>7200000000000001</html>"},
		{200, "<html>7200000000000001</html>"},
		{200, ""},
		{204, ""},
		{302, `{"response":{"code":"000_000"}}`},
		{307, ""},
		{500, `{"response":{"code":"000_000"}}`},
		{200, `{"response":{"code":"000_000"},"oneTimeToken":"72000000000`},
		{200, `{"encData":"a.b.c.d.e"}`},
		{200, `{"response":{"code":"000_000"},"response":{"code":"007_008"}}`},
	} {
		p := startPlatform(t, c.status, c.body)
		p.header = map[string]string{"Location": p.URL + "/elsewhere"}
		response, body := p.call(t, rechargePath, `{}`)
		if response.StatusCode != 502 || DeliveryOf(response) != MaybeProcessed {
			t.Errorf("%v: %d %s", c, response.StatusCode, DeliveryOf(response))
		}
		if response.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(body, "72000") {
			t.Errorf("%v: %v %s", c, response.Header, body)
		}
		var problem map[string]any
		if err := json.Unmarshal([]byte(body), &problem); err != nil {
			t.Errorf("%v: %s", c, body)
		}
		if problem["upstreamStatus"] != float64(c.status) || problem["delivery"] != "maybe-processed" ||
			problem["correlationId"] != response.Header.Get("X-KM-Correlation-Id") {
			t.Errorf("%v: %s", c, body)
		}
		if p.calls.Load() != 1 {
			t.Errorf("%v: %d calls", c, p.calls.Load())
		}
	}
}

// failure is the error of a call to that address.
func failure(t *testing.T, ctx context.Context, transport *Transport, url, body string) *Error {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// With either of these two net/http would send again what a kept connection lost.
	request.Header.Set("Idempotency-Key", "1")
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err == nil {
		t.Fatalf("no error: %d", response.StatusCode)
	}
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("another error: %v", err)
	}
	if DeliveryOfError(err) != failed.Delivery {
		t.Errorf("%s, %s", DeliveryOfError(err), failed.Delivery)
	}
	return failed
}

func TestNotSentIsSaidWithProofOnly(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + listener.Addr().String()
	_ = listener.Close()
	failed := failure(t, context.Background(), &Transport{Settings: settingsFor(t, refusing)}, refusing+tokenPath, `{}`)
	if failed.Delivery != NotSent || !IsCorrelationID(failed.CorrelationID) || failed.Timeout() {
		t.Errorf("refused: %v", failed)
	}

	// A certificate that nobody vouches for.
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	failed = failure(t, context.Background(), &Transport{Settings: settingsFor(t, secure.URL)}, secure.URL+tokenPath, `{}`)
	if failed.Delivery != NotSent {
		t.Errorf("TLS: %v", failed)
	}

	// A name that does not exist: by RFC 6761 none below invalid does.
	failed = failure(t, context.Background(), &Transport{Settings: settingsFor(t, "https://konaplate.invalid")},
		"https://konaplate.invalid"+tokenPath, `{}`)
	if failed.Delivery != NotSent {
		t.Errorf("no such name: %v", failed)
	}

	// Whoever sends in another way than net/http has to prove it.
	silent := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
	failed = failure(t, context.Background(), &Transport{Settings: settingsFor(t, refusing), Base: silent}, refusing+tokenPath, `{}`)
	if failed.Delivery != MaybeProcessed || strings.Contains(failed.Error(), "refused") {
		t.Errorf("without a trace: %v", failed)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// listen takes connections, gives each a response to its first request, if there is one, and closes it: at the next
// request if it is to be kept until then.
func listen(t *testing.T, response string, keeps bool) (url string, requests *atomic.Int32) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	requests = new(atomic.Int32)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				reader := bufio.NewReader(connection)
				for first := true; ; first = false {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					requests.Add(1)
					if !first || response == "" {
						return
					}
					_, _ = io.WriteString(connection, response)
					if !keeps {
						return
					}
				}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), requests
}

func TestACallWithoutAResponseIsSentOnceAndMayHaveBeenProcessed(t *testing.T) {
	url, requests := listen(t, "", false)
	failed := failure(t, context.Background(), &Transport{Settings: settingsFor(t, url)}, url+rechargePath, `{}`)
	if failed.Delivery != MaybeProcessed || failed.Unwrap() == nil || requests.Load() != 1 {
		t.Errorf("closed: %v, %d requests", failed, requests.Load())
	}

	// On a connection that is kept, net/http sends a request again where it may.
	body := `{"response":{"code":"000_000"}}`
	url, requests = listen(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body), true)
	kept := &Transport{Settings: settingsFor(t, url), Base: &http.Transport{}}
	client := http.Client{Transport: kept}
	response, err := client.Post(url+rechargePath, "", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	failed = failure(t, context.Background(), kept, url+rechargePath, `{}`)
	if failed.Delivery != MaybeProcessed || requests.Load() != 2 {
		t.Errorf("kept: %v, %d requests", failed, requests.Load())
	}

	url, _ = listen(t, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"+body, false)
	failed = failure(t, context.Background(), &Transport{Settings: settingsFor(t, url)}, url+rechargePath, `{}`)
	if failed.Delivery != MaybeProcessed || !errors.Is(failed, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %v", failed)
	}

	url, _ = listen(t, "HTTP/1.1 200 OK\r\n5297000000000013\r\n\r\n", false)
	failed = failure(t, context.Background(), &Transport{Settings: settingsFor(t, url)}, url+rechargePath, `{}`)
	if failed.Delivery != MaybeProcessed || strings.Contains(fmt.Sprintf("%v %#v", failed, failed), "5297") {
		t.Errorf("no HTTP: %#v", failed)
	}
}

func TestATimeLimitEndsACall(t *testing.T) {
	done := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done }))
	defer slow.Close()
	defer close(done)
	limited := &Transport{Settings: settingsFor(t, slow.URL), Timeout: 50 * time.Millisecond}
	failed := failure(t, context.Background(), limited, slow.URL+tokenPath, `{}`)
	if failed.Delivery != MaybeProcessed || !failed.Timeout() {
		t.Errorf("limit: %v", failed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	failed = failure(t, ctx, &Transport{Settings: settingsFor(t, slow.URL)}, slow.URL+tokenPath, `{}`)
	if failed.Delivery != MaybeProcessed || !failed.Timeout() {
		t.Errorf("context: %v", failed)
	}
}

func TestWhatCannotBeSentIsNotSent(t *testing.T) {
	p := startPlatform(t, 200, `{"response":{"code":"000_000"}}`)
	good := &Transport{Settings: settingsFor(t, p.URL+"/open-api")}
	for _, c := range []struct {
		transport *Transport
		url, body string
	}{
		{&Transport{}, p.URL + "/open-api" + tokenPath, `{}`},
		{good, p.URL + "/open-api" + tokenPath, ``},
		{good, p.URL + "/open-api" + tokenPath, `[]`},
		{good, p.URL + "/open-api" + tokenPath, `{"cardNo":"94913394`},
		{good, p.URL + "/open-api" + tokenPath, "{\"cardNo\":\"\xff\"}"},
		{good, p.URL + "/open-api" + tokenPath, `{"encData":"a.b.c.d.e"}`},
		{good, p.URL + "/open-api" + tokenPath + "?a=1", `{}`},
		{good, p.URL + tokenPath, `{}`},
		{good, p.URL + "/open-apis" + tokenPath, `{}`},
		{good, strings.Replace(p.URL, "127.0.0.1", "localhost", 1) + "/open-api" + tokenPath, `{}`},
	} {
		failed := failure(t, context.Background(), c.transport, c.url, c.body)
		if failed.Delivery != NotSent || strings.Contains(failed.Error(), "9491") {
			t.Errorf("%s %s: %v", c.url, c.body, failed)
		}
	}
	_, err := (&http.Client{Transport: good}).Get(p.URL + "/open-api" + tokenPath)
	if DeliveryOfError(err) != NotSent {
		t.Errorf("GET: %v", err)
	}
	if p.calls.Load() != 0 {
		t.Errorf("%d calls", p.calls.Load())
	}
}

func TestTheCallersRequestIsNotChanged(t *testing.T) {
	p := startPlatform(t, 200, `{"response":{"code":"000_000"}}`)
	transport := &Transport{Settings: settingsFor(t, p.URL)}
	request, _ := http.NewRequest("POST", p.URL+tokenPath, strings.NewReader(`{}`))
	request.Header.Set("X-Sandbox-Fault", "unknown-code")
	if _, err := transport.RoundTrip(request); err != nil {
		t.Fatal(err)
	}
	if len(request.Header) != 1 || request.ContentLength != 2 || request.GetBody == nil {
		t.Errorf("changed: %v", request.Header)
	}
	if p.request.Header.Get("X-Sandbox-Fault") != "unknown-code" {
		t.Error("a header of the caller's own is lost")
	}
}
