package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/ogen-go/ogen/validate"
	"probe/kona"
)

func main() {
	ctx := context.Background()
	client, err := kona.NewClient(os.Getenv("SERVER"))
	if err != nil {
		panic(err)
	}
	try("id", func() error {
		response, err := client.GetMember(ctx, &kona.GetMemberRequestBody{UserId: 9999999999999999999})
		if came, ok := response.(*kona.GetMemberResponseBodyHeaders); ok {
			say("id", fmt.Sprint(came.Response.UserInfo.UserId), "")
		}
		return err
	})
	for _, step := range []string{"enum", "field", "failure", "problem", "html"} {
		try(step, func() error {
			body := &kona.GetBankRechargeResultRequestBody{SequenceId: kona.SequenceId(strings.ToUpper(step))}
			response, err := client.GetBankRechargeResult(ctx, body)
			var problem *kona.UnexpectedFailureStatusCodeWithHeaders
			var status *validate.UnexpectedStatusCodeError
			switch {
			case errors.As(err, &problem):
				say(step, problem.Response.Delivery, "typed error")
				return nil
			case errors.As(err, &status):
				say(step, status.StatusCode, "error with status")
				return nil
			}
			switch came := response.(type) {
			case *kona.GetBankRechargeResultResponseBodyHeaders:
				say(step, came.Response.Result, "")
			case *kona.FailureHeaders:
				say(step, came.Response.Response.Code, "typed")
			}
			return err
		})
	}
}
