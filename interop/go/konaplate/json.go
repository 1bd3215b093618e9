package konaplate

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// members reads a JSON object: the text of each member, by its exact name. Not ok where it is no JSON object in
// UTF-8, or has a name twice for which unique is true: of two codes neither can be believed. (Unmarshalling into
// a struct takes the last of two, and takes names of other case.)
func members(text []byte, unique func(name string) bool) (object map[string]json.RawMessage, ok bool) {
	if !utf8.Valid(text) || !json.Valid(text) {
		return nil, false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, false
	}
	object = map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, isName := token.(string)
		if err != nil || !isName {
			return nil, false
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return nil, false
		}
		if _, twice := object[name]; twice && unique(name) {
			return nil, false
		}
		object[name] = value
	}
	return object, true
}

func every(string) bool { return true }

// asText is the text that a JSON value is. Not ok where it is something else, or not there.
func asText(value json.RawMessage) (text string, ok bool) {
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	return text, json.Unmarshal(value, &text) == nil
}

// Envelope is what the outer object of a body says of itself.
type Envelope struct {
	// EncData is the JWE of an encrypted body, nil where there is none that is text.
	EncData *string
	// Code is response.code, nil where there is none that is text.
	Code *string
}

// ReadEnvelope reads the outer object of a body. Not ok where the body is no JSON object, or where a name that
// decides something is in it twice.
func ReadEnvelope(body []byte) (envelope Envelope, ok bool) {
	outer, ok := members(body, func(name string) bool { return name == "encData" || name == "response" })
	if !ok {
		return Envelope{}, false
	}
	if text, ok := asText(outer["encData"]); ok {
		envelope.EncData = &text
	}
	if response := outer["response"]; len(response) > 0 && response[0] == '{' {
		inner, ok := members(response, every)
		if !ok {
			return Envelope{}, false
		}
		if text, ok := asText(inner["code"]); ok {
			envelope.Code = &text
		}
	}
	return envelope, true
}
