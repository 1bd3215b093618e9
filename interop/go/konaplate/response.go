package konaplate

import (
	"crypto/rsa"
	"encoding/json"
)

const success = "000_000"

// Reading is what a response says.
type Reading struct {
	// Body is the platform's plain JSON: of a success, or of a failure with a code. It is nil where the response
	// is none of the platform.
	Body []byte
	// Code is response.code, and empty where the response is none of the platform.
	Code string
	// Delivery says whether the call may have been carried out. It is empty after a success.
	Delivery Delivery
	// Rule says what the response lacks, where it is none of the platform. It repeats nothing of it.
	Rule string
}

// Interpret reads a response to a call of the operation with that path, such as /api/v1/user/info. It decrypts
// whatever came encrypted. Only a success with the code of success is one.
func Interpret(path string, status int, body []byte, key *rsa.PrivateKey) Reading {
	unexpected := func(rule string) Reading { return Reading{Delivery: MaybeProcessed, Rule: rule} }
	if status >= 300 && status < 400 {
		return unexpected("a redirect, which is not followed")
	}
	envelope, ok := ReadEnvelope(body)
	if ok && envelope.EncData != nil {
		plaintext, err := Decrypt(key, *envelope.EncData)
		if err != nil {
			return unexpected("encrypted, and it cannot be decrypted")
		}
		body = plaintext
		envelope, ok = ReadEnvelope(body)
	}
	if !ok {
		return unexpected("no JSON object that can be read")
	}
	if envelope.Code == nil {
		return unexpected("no response.code that is text")
	}
	if *envelope.Code != success {
		return Reading{Body: body, Code: *envelope.Code, Delivery: Verdict(path, status, *envelope.Code)}
	}
	if status < 200 || status > 299 {
		return unexpected("a code of success with a status of failure")
	}
	return Reading{Body: body, Code: success}
}

// problem is the document (RFC 9457) that stands in the place of a response that is none of the platform.
func problem(reading Reading, status int, correlationID string) []byte {
	document, err := json.Marshal(struct {
		Type           string   `json:"type"`
		Title          string   `json:"title"`
		Status         int      `json:"status"`
		Detail         string   `json:"detail"`
		Delivery       Delivery `json:"delivery"`
		CorrelationID  string   `json:"correlationId"`
		UpstreamStatus int      `json:"upstreamStatus"`
	}{
		"urn:konaplate:problem:unexpected-response", "what came is no response of the platform",
		502, reading.Rule, reading.Delivery, correlationID, status,
	})
	if err != nil {
		panic("konaplate: texts and numbers can be written as JSON")
	}
	return document
}
