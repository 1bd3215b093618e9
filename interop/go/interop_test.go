package interop

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"konaplate.invalid/interop/client"
	"konaplate.invalid/interop/gateway"
)

// serve gives every call the same response, and keeps the last request.
func serve(t *testing.T, status int, contentType, body string) (*httptest.Server, *http.Request, *[]byte) {
	t.Helper()
	var seen http.Request
	var sent []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = *r
		sent, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server, &seen, &sent
}

func TestALongExpiryTimeArrivesWhole(t *testing.T) {
	server, seen, sent := serve(t, 200, "application/json",
		`{"response":{"code":"000_000"},"oneTimeToken":"5297000000000013","dcvv":"471","expiryTime":1773539142345,"new":1}`)
	c, err := gateway.NewClientWithResponses(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.IssueOneTimeTokenWithResponse(context.Background(),
		gateway.IssueOneTimeTokenJSONRequestBody{CardNo: "9491339401250765"})
	if err != nil {
		t.Fatal(err)
	}
	if response.JSON200 == nil || response.JSON200.ExpiryTime != 1773539142345 {
		t.Fatalf("the expiry time is lost: %+v", response.JSON200)
	}
	if seen.URL.Path != "/api/v2/payment/generate/onetimetoken" {
		t.Errorf("path %s", seen.URL.Path)
	}
	if string(*sent) != `{"cardNo":"9491339401250765"}` {
		t.Errorf("the request went out as %s", *sent)
	}
}

func TestTheLargestMemberIdIsReceivedAndSent(t *testing.T) {
	// Above 2^63-1: a signed or a 32-bit type would not hold it.
	const largest uint64 = 9999999999999999999
	server, seen, _ := serve(t, 200, "application/json",
		`{"response":{"code":"000_000"},"userId":9999999999999999999}`)
	// The whole protocol: headers are parameters, what signs is set by whoever signs.
	signed := func(_ context.Context, r *http.Request) error {
		r.Header.Set("X-KM-Tran-Token", "a signature")
		return nil
	}
	c, err := client.NewClientWithResponses(server.URL, client.WithRequestEditorFn(signed))
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.VerifyPasswordWithResponse(context.Background(), &client.VerifyPasswordParams{
		XKMUserAspId:     "953365000000000",
		XKMCorrelationId: "260315104512-0a1b2c3",
		XKMTranTime:      "20260315104512",
		XKMTimeZone:      "KST",
	}, client.VerifyPasswordJSONRequestBody{LoginId: "kona", LoginPassword: "258036"})
	if err != nil {
		t.Fatal(err)
	}
	if response.JSON200 == nil || response.JSON200.UserId != largest {
		t.Fatalf("the member id is lost: %+v", response.JSON200)
	}
	for name, want := range map[string]string{
		"X-KM-User-AspId": "953365000000000", "X-KM-Time-Zone": "KST", "X-KM-Tran-Token": "a signature",
	} {
		if got := seen.Header.Get(name); got != want {
			t.Errorf("header %s went out as %q", name, got)
		}
	}

	written, err := json.Marshal(client.RechargeFromBankAccountRequestBody{UserId: largest, SequenceId: "BANK-1"})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(written), `"userId":9999999999999999999`) {
		t.Errorf("the member id went out as %s", written)
	}
}

func TestAnUnknownWordIsKept(t *testing.T) {
	server, _, _ := serve(t, 200, "application/json", `{"response":{"code":"000_000"},"result":"PARTLY"}`)
	c, err := gateway.NewClientWithResponses(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.GetBankRechargeResultWithResponse(context.Background(),
		gateway.GetBankRechargeResultJSONRequestBody{SequenceId: "BANK-1"})
	if err != nil {
		t.Fatal(err)
	}
	// A plain string: a named type would say that the described words are all there are.
	if response.JSON200 == nil {
		t.Fatal("the response is lost")
	}
	var result string = response.JSON200.Result
	if result != "PARTLY" {
		t.Errorf("result %q", result)
	}
}

func TestAFailureIsTypedAndAPageOfHtmlIsNoError(t *testing.T) {
	server, _, _ := serve(t, 400, "application/json",
		`{"response":{"code":"007_008","description":"Same sequenceId already exists."}}`)
	c, _ := gateway.NewClientWithResponses(server.URL)
	failed, err := c.GetBankRechargeResultWithResponse(context.Background(),
		gateway.GetBankRechargeResultJSONRequestBody{SequenceId: "BANK-1"})
	if err != nil {
		t.Fatal(err)
	}
	if failed.JSON400 == nil || failed.JSON400.Response.Code != "007_008" {
		t.Errorf("the code is lost: %+v", failed.JSON400)
	}

	server, _, _ = serve(t, 502, "text/html", "<html>Bad Gateway</html>")
	c, _ = gateway.NewClientWithResponses(server.URL)
	page, err := c.GetBankRechargeResultWithResponse(context.Background(),
		gateway.GetBankRechargeResultJSONRequestBody{SequenceId: "BANK-1"})
	if err != nil {
		t.Fatal(err)
	}
	if page.StatusCode() != 502 || page.JSON200 != nil {
		t.Errorf("a page of HTML was taken for %d %+v", page.StatusCode(), page.JSON200)
	}
}
