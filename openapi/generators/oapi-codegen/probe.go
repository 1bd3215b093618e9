package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"probe/kona"
)

func main() {
	ctx := context.Background()
	client, err := kona.NewClientWithResponses(os.Getenv("SERVER"))
	if err != nil {
		panic(err)
	}
	try("id", func() error {
		response, err := client.GetMemberWithResponse(ctx, kona.GetMemberRequestBody{UserId: 9999999999999999999})
		if err == nil {
			say("id", fmt.Sprint(response.JSON200.UserInfo.UserId), "")
		}
		return err
	})
	for _, step := range []string{"enum", "field", "failure", "problem", "html"} {
		try(step, func() error {
			body := kona.GetBankRechargeResultRequestBody{SequenceId: strings.ToUpper(step)}
			response, err := client.GetBankRechargeResultWithResponse(ctx, body)
			switch {
			case err != nil:
				return err
			case response.JSON200 != nil:
				say(step, response.JSON200.Result, "")
			case response.JSON400 != nil:
				say(step, response.JSON400.Response.Code, "typed")
			case response.ApplicationproblemJSONDefault != nil:
				say(step, response.ApplicationproblemJSONDefault.Delivery, "typed")
			default:
				say(step, response.StatusCode(), "status")
			}
			return nil
		})
	}
}
