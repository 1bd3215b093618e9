package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"probe/kona"
)

func main() {
	ctx := context.Background()
	configuration := kona.NewConfiguration()
	configuration.Servers[0].URL = os.Getenv("SERVER")
	client := kona.NewAPIClient(configuration)
	try("id", func() error {
		var body kona.GetMemberRequestBody
		// By the JSON, since the type of the field depends on the settings.
		if err := json.Unmarshal([]byte(`{"userId":9999999999999999999}`), &body); err != nil {
			return err
		}
		response, _, err := client.MembersAPI.GetMember(ctx).GetMemberRequestBody(body).Execute()
		if err == nil {
			say("id", fmt.Sprint(response.UserInfo.UserId), "")
		}
		return err
	})
	for _, step := range []string{"enum", "field", "failure", "problem", "html"} {
		try(step, func() error {
			body := *kona.NewGetBankRechargeResultRequestBody(strings.ToUpper(step))
			response, came, err := client.RechargesAPI.GetBankRechargeResult(ctx).GetBankRechargeResultRequestBody(body).Execute()
			var failed *kona.GenericOpenAPIError
			if !errors.As(err, &failed) {
				if err == nil {
					say(step, response.Result, "")
				}
				return err
			}
			switch model := failed.Model().(type) {
			case kona.Failure:
				say(step, model.Response.Code, "typed error")
			case kona.Problem:
				say(step, model.Delivery, "typed error")
			default:
				if came.StatusCode == 200 {
					return err
				}
				say(step, came.StatusCode, "error with status")
			}
			return nil
		})
	}
}
