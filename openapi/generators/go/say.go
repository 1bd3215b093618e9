package main

import (
	"encoding/json"
	"fmt"
)

// say prints what a step saw.
func say(step string, value any, how string) {
	text, _ := json.Marshal(map[string]any{"step": step, "value": value, "how": how})
	fmt.Println(string(text))
}

// try prints the error of a step.
func try(step string, call func() error) {
	if err := call(); err != nil {
		text, _ := json.Marshal(map[string]string{"step": step, "error": err.Error()})
		fmt.Println(string(text))
	}
}
