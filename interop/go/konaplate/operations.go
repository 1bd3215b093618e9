package konaplate

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// What programs decide on, for each operation. It is made from the description: never edit it.
//
//go:embed operations.json
var operationsJSON []byte

type operation struct {
	Effect         string              `json:"effect"`
	EncryptRequest bool                `json:"encryptRequest"`
	SendKeyID      bool                `json:"sendKeyId"`
	Proves         map[string]Delivery `json:"proves"`
}

type description struct {
	codes      map[string]bool
	operations map[string]operation
}

var described = sync.OnceValue(func() description {
	var file struct {
		Codes      []string             `json:"codes"`
		Operations map[string]operation `json:"operations"`
	}
	if err := json.Unmarshal(operationsJSON, &file); err != nil {
		panic("konaplate: operations.json of this package cannot be read")
	}
	codes := map[string]bool{}
	for _, code := range file.Codes {
		codes[code] = true
	}
	return description{codes, file.Operations}
})

// Verdict says what a failure of the platform proves, by the path of the operation, such as /api/v1/user/info, the
// HTTP status and response.code.
func Verdict(path string, status int, code string) Delivery {
	operation, known := described().operations[path]
	// Every documented failure has status 400: what comes with another one is proof of nothing.
	if !known || status != 400 {
		return MaybeProcessed
	}
	if operation.Effect == "moves-money" {
		if proven, listed := operation.Proves[code]; listed {
			return proven
		}
	} else if described().codes[code] {
		return Declined
	}
	return MaybeProcessed
}
