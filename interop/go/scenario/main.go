// Command scenario makes the calls of interop/scenario.md with the generated client, and prints what came as one JSON
// document. Its argument says what is between it and the platform: gateway or middleware.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"konaplate.invalid/interop/gateway"
	"konaplate.invalid/konaplate"
)

const (
	merchant = "410195430033901"
	// The largest member id there is: above 2^63-1.
	largest uint64 = 9999999999999999999
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "scenario:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	client, err := connect(arguments)
	if err != nil {
		return err
	}
	s := scenario{client: client}
	s.run(context.Background())
	return s.print()
}

// connect is all that differs between the gateway and the middleware.
func connect(arguments []string) (*gateway.ClientWithResponses, error) {
	if len(arguments) == 1 && arguments[0] == "gateway" {
		return gateway.NewClientWithResponses(os.Getenv("KONAPLATE_GATEWAY"))
	}
	if len(arguments) == 1 && arguments[0] == "middleware" {
		settings, err := konaplate.SettingsFromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.NewClientWithResponses(settings.BaseURL(), gateway.WithHTTPClient(settings.Client()))
	}
	return nil, errors.New("the argument must be gateway or middleware")
}

// failure is a step that did not succeed.
type failure struct {
	Failure struct {
		Code     *string `json:"code"`
		Status   int     `json:"status"`
		Delivery string  `json:"delivery"`
	} `json:"failure"`
}

func (failure) Error() string { return "a failure, which is printed" }

// check returns the failure that a call ended in, if it did: documented is its body, where it has a code.
func check(err error, response func() (*http.Response, *gateway.Failure)) error {
	var failed failure
	if err != nil {
		failed.Failure.Delivery = string(konaplate.DeliveryOfError(err))
		fmt.Fprintln(os.Stderr, "scenario:", err)
		return failed
	}
	came, documented := response()
	if konaplate.DeliveryOf(came) == "" {
		return nil
	}
	failed.Failure.Status = came.StatusCode
	// As it came, and not as DeliveryOf completes it: the comparison is to see a header that is missing.
	failed.Failure.Delivery = came.Header.Get(konaplate.DeliveryHeader)
	if documented != nil {
		failed.Failure.Code = &documented.Response.Code
	}
	return failed
}

type scenario struct {
	client *gateway.ClientWithResponses
	steps  []step
	// What the latest call of issue_one_time_token returned.
	token, dcvv string
}

type step struct {
	name   string
	result any
}

func (s *scenario) run(ctx context.Context) {
	recharge := gateway.RechargeFromBankAccountRequestBody{
		SequenceId: "BANK-1", UserId: 10000000001, Amount: 20000, MerchantId: merchant,
	}
	s.add("token", func() (any, error) {
		token, err := s.issueToken(ctx, gateway.IssueOneTimeTokenRequestBody{CardNo: "9491339401250765"})
		if err != nil {
			return nil, err
		}
		recharge.OneTimeToken, recharge.Dcvv = token.OneTimeToken, token.Dcvv
		return struct {
			OneTimeToken string `json:"oneTimeToken"`
			Dcvv         string `json:"dcvv"`
			ExpiryTime   int64  `json:"expiryTime,string"`
		}{token.OneTimeToken, token.Dcvv, token.ExpiryTime}, nil
	})
	s.add("bank-recharge", func() (any, error) { return s.recharge(ctx, recharge) })
	s.add("bank-recharge-result", func() (any, error) { return s.inquire(ctx, "") })
	s.add("refusal", func() (any, error) { return s.recharge(ctx, recharge) })
	s.add("credit-card-recharge", func() (any, error) { return s.rechargeFromCreditCard(ctx) })
	s.add("auto-recharge-update", func() (any, error) { return s.updateAutoRecharge(ctx) })
	s.add("gift", func() (any, error) { return s.gift(ctx) })
	s.add("payment", func() (any, error) { return s.pay(ctx) })
	s.add("history", func() (any, error) { return s.history(ctx) })
	s.add("largest-member", func() (any, error) { return s.largestMember(ctx) })
	s.add("unknown-enum", func() (any, error) { return s.inquire(ctx, "unknown-enum-value") })
	s.add("unknown-field", func() (any, error) { return s.inquire(ctx, "extra-fields") })
	s.add("unknown-code", func() (any, error) { return s.inquire(ctx, "unknown-code") })
	s.add("html", func() (any, error) { return s.inquire(ctx, "html-after:502") })
}

func (s *scenario) add(name string, call func() (any, error)) {
	result, err := call()
	if err != nil {
		result = err
	}
	s.steps = append(s.steps, step{name, result})
}

// print writes the document, with the steps in their order.
func (s *scenario) print() error {
	var document bytes.Buffer
	for i, step := range s.steps {
		result, err := json.Marshal(step.result)
		if err != nil {
			return err
		}
		separator := ",\n"
		if i == 0 {
			separator = "{"
		}
		fmt.Fprintf(&document, "%s%q: %s", separator, step.name, result)
	}
	document.WriteString("}\n")
	_, err := document.WriteTo(os.Stdout)
	return err
}

func (s *scenario) issueToken(ctx context.Context, body gateway.IssueOneTimeTokenRequestBody) (*gateway.IssueOneTimeTokenResponseBody, error) {
	response, err := s.client.IssueOneTimeTokenWithResponse(ctx, body)
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	s.token, s.dcvv = response.JSON200.OneTimeToken, response.JSON200.Dcvv
	return response.JSON200, nil
}

// recharged is printed of a recharge from a bank account.
type recharged struct {
	NrNumber  string  `json:"nrNumber"`
	IsPending bool    `json:"isPending"`
	Result    *string `json:"result,omitempty"`
}

func (s *scenario) recharge(ctx context.Context, body gateway.RechargeFromBankAccountRequestBody) (*recharged, error) {
	response, err := s.client.RechargeFromBankAccountWithResponse(ctx, body)
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	came := response.JSON200
	return &recharged{came.NrNumber, came.IsPending, came.Result}, nil
}

// inquire asks for the result of the recharge, with that fault.
func (s *scenario) inquire(ctx context.Context, fault string) (any, error) {
	var editors []gateway.RequestEditorFn
	if fault != "" {
		editors = append(editors, func(_ context.Context, request *http.Request) error {
			request.Header.Set("X-Sandbox-Fault", fault)
			return nil
		})
	}
	body := gateway.GetBankRechargeResultRequestBody{SequenceId: "BANK-1"}
	response, err := s.client.GetBankRechargeResultWithResponse(ctx, body, editors...)
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	return struct {
		Result string `json:"result"`
	}{response.JSON200.Result}, nil
}

func (s *scenario) rechargeFromCreditCard(ctx context.Context) (any, error) {
	kind := gateway.CREDIT
	token := gateway.IssueOneTimeTokenRequestBody{CardNo: "9491330000000032", Type: &kind}
	if _, err := s.issueToken(ctx, token); err != nil {
		return nil, err
	}
	response, err := s.client.CreateCreditCardRechargeWithResponse(ctx, gateway.CreateCreditCardRechargeRequestBody{
		SequenceId: "CREDIT-1", UserId: 10000000003, Amount: 10000, OneTimeToken: s.token, Dcvv: s.dcvv,
		AffiliateId: "000170000001000",
	})
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	return struct {
		TransactionID string `json:"transactionId"`
		RedirectURL   string `json:"redirectUrl"`
	}{response.JSON200.TransactionId, response.JSON200.RedirectUrl}, nil
}

func (s *scenario) updateAutoRecharge(ctx context.Context) (any, error) {
	body := gateway.UpdateLowerLimitAutoRechargeRequestBody{
		UserId: 10000000001, Par: "Q1000000000000000000000105A", Amount: 30000, ThresholdBalance: 10000,
	}
	response, err := s.client.UpdateLowerLimitAutoRechargeWithResponse(ctx, body)
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	return struct {
		Code string `json:"code"`
	}{response.JSON200.Response.Code}, nil
}

func (s *scenario) gift(ctx context.Context) (any, error) {
	if _, err := s.issueToken(ctx, gateway.IssueOneTimeTokenRequestBody{CardNo: "9491330000001014"}); err != nil {
		return nil, err
	}
	response, err := s.client.GiftPrepaidCardWithResponse(ctx, gateway.GiftPrepaidCardRequestBody{
		SenderUserId: "10000000001", ReceiverName: "김코코", ReceiverPhone: "01000000002", ServiceId: "000170000003000",
		Amount: 30000, OneTimeToken: s.token, Dcvv: s.dcvv, Locale: gateway.KO,
	})
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	return struct {
		TransferID string `json:"transferId"`
	}{response.JSON200.TransferId}, nil
}

func (s *scenario) pay(ctx context.Context) (any, error) {
	if _, err := s.issueToken(ctx, gateway.IssueOneTimeTokenRequestBody{CardNo: "9491339401250765"}); err != nil {
		return nil, err
	}
	response, err := s.client.PayWithTokenWithResponse(ctx, gateway.PayWithTokenRequestBody{
		Amount: new(int64(12000)), Channel: new("OPENAPI"), MerchantId: new(merchant),
		OneTimeToken: &s.token, Dcvv: &s.dcvv, TransactionId: new("20260315104512000001"),
	})
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	came := response.JSON200
	return struct {
		ApprovalCode string `json:"approvalCode"`
		ApprovalTime string `json:"approvalTime"`
		Balance      int64  `json:"balance"`
		CardNo       string `json:"cardNo"`
		NrNumber     string `json:"nrNumber"`
	}{came.ApprovalCode, came.ApprovalTime, came.Balance, came.CardNo, came.NrNumber}, nil
}

func (s *scenario) history(ctx context.Context) (any, error) {
	type item struct {
		TrType       *string `json:"trType,omitempty"`
		TrAmount     *int64  `json:"trAmount,omitempty"`
		BalanceAfter *int64  `json:"balanceAfter,omitempty"`
	}
	printed := struct {
		Pages int64  `json:"pages"`
		Items []item `json:"items"`
	}{Items: []item{}}
	for {
		page := printed.Pages
		response, err := s.client.ListCardTransactionsWithResponse(ctx, gateway.ListCardTransactionsRequestBody{
			UserId: new(uint64(10000000001)), Par: "Q180BEA3B2F1BBD8410336D66A4", StartDate: "20200101", EndDate: "20991231",
			PageRequest: &gateway.PageRequest{Page: &page, PageSize: new(int64(1)), OrderByDirection: new(gateway.ASC)},
		})
		err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
		if err != nil {
			return nil, err
		}
		printed.Pages++
		if list := response.JSON200.TransactionInfo; list != nil {
			for _, t := range *list {
				printed.Items = append(printed.Items, item{t.TrType, t.TrAmount, t.BalanceAfter})
			}
		}
		about := response.JSON200.PageResponse
		if about == nil || about.TotalPages == nil || printed.Pages >= *about.TotalPages {
			return printed, nil
		}
	}
}

func (s *scenario) largestMember(ctx context.Context) (any, error) {
	if _, err := s.issueToken(ctx, gateway.IssueOneTimeTokenRequestBody{CardNo: "9491330000000123"}); err != nil {
		return nil, err
	}
	came, err := s.recharge(ctx, gateway.RechargeFromBankAccountRequestBody{
		SequenceId: "BANK-2", UserId: largest, Amount: 1000, OneTimeToken: s.token, Dcvv: s.dcvv, MerchantId: merchant,
	})
	if err != nil {
		return nil, err
	}
	response, err := s.client.GetMemberWithResponse(ctx, gateway.GetMemberRequestBody{UserId: largest})
	err = check(err, func() (*http.Response, *gateway.Failure) { return response.HTTPResponse, response.JSON400 })
	if err != nil {
		return nil, err
	}
	return struct {
		IsPending bool   `json:"isPending"`
		UserID    uint64 `json:"userId,string"`
	}{came.IsPending, response.JSON200.UserInfo.UserId}, nil
}
