package konaplate

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// Delivery says whether the platform may have carried a call out.
type Delivery string

const (
	// NotSent is proof: nothing left this machine.
	NotSent Delivery = "not-sent"
	// NotCarriedOut is proof: neither this request nor an earlier one of the same bytes was carried out.
	NotCarriedOut Delivery = "not-carried-out"
	// Declined is true of this request, and no proof about an earlier one of the same bytes.
	Declined Delivery = "declined"
	// EarlierCall says that the same request may have been carried out before.
	EarlierCall Delivery = "earlier-call"
	// MaybeProcessed is everything that is not known. Ask for the outcome before anything is sent again.
	MaybeProcessed Delivery = "maybe-processed"
	// ProcessedUnreadable comes from a gateway only: it was carried out, and not all that came can be read.
	ProcessedUnreadable Delivery = "processed-unreadable"
)

// DeliveryHeader is the header of a response that is no success: its value is a [Delivery].
const DeliveryHeader = "Konaplate-Delivery"

// DeliveryOf says of a response whether its call may have been carried out. It is empty after a success.
// It reads what this package writes and what the gateway writes; a word that it does not know, or none where
// one is due, is [MaybeProcessed].
func DeliveryOf(response *http.Response) Delivery {
	word := Delivery(response.Header.Get(DeliveryHeader))
	switch word {
	case NotSent, NotCarriedOut, Declined, EarlierCall, MaybeProcessed, ProcessedUnreadable:
		return word
	case "":
		if response.StatusCode >= 200 && response.StatusCode < 300 {
			return ""
		}
	}
	return MaybeProcessed
}

// DeliveryOfError says the same of the error of a call without a response. An error that is not an [*Error],
// such as one of reading the response into its type, is [MaybeProcessed].
func DeliveryOfError(err error) Delivery {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Delivery
	}
	return MaybeProcessed
}

// Error is why a call has no response, or why a setting cannot be used. Its text holds nothing of a request,
// a response or a setting's value. The text of its cause can.
type Error struct {
	// Delivery says whether the platform may have carried the call out.
	Delivery Delivery
	// CorrelationID is the id that the call went out with. It is empty where the call was not prepared.
	CorrelationID string

	text  string
	cause error
}

func (e *Error) Error() string {
	text := "konaplate: " + e.text
	if e.CorrelationID != "" {
		text += " (" + string(e.Delivery) + ", correlation id " + e.CorrelationID + ")"
	}
	return text
}

// GoString is the same text: %#v would print what the cause holds.
func (e *Error) GoString() string { return e.Error() }

// Unwrap is the error of the HTTP client, where there is one.
func (e *Error) Unwrap() error { return e.cause }

// Timeout says whether a time limit ended the call.
func (e *Error) Timeout() bool {
	var timeout net.Error
	return errors.Is(e.cause, context.DeadlineExceeded) || errors.As(e.cause, &timeout) && timeout.Timeout()
}

// rule is an error about something that cannot be sent: which thing, and what rule it breaks.
func rule(thing, rule string) *Error {
	return &Error{Delivery: NotSent, text: thing + " " + rule}
}
