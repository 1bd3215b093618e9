package konaplate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// KST is the zone that X-KM-Time-Zone names: nine hours before UTC, without daylight saving time.
var KST = time.FixedZone("KST", 9*60*60)

// Sign makes the value of X-KM-Tran-Token: it signs the bytes of a body as they go out.
func Sign(secret string, body []byte, at time.Time, zone *time.Location) string {
	// Layouts know fractions of a second only behind a point or a comma.
	timestamp := strings.Replace(at.In(zone).Format("20060102150405.000"), ".", "", 1)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "KMV1:" + timestamp + ":" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// TranTime makes the value of X-KM-Tran-Time.
func TranTime(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("20060102150405")
}

// CorrelationID makes the id of a call that is made at that instant. Of number its lowest 28 bits count: the seven
// hex digits.
func CorrelationID(at time.Time, zone *time.Location, number uint32) string {
	return at.In(zone).Format("060102150405") + fmt.Sprintf("-%07x", number&0xfffffff)
}

// IsCorrelationID says whether a text has the form of one.
func IsCorrelationID(id string) bool {
	if len(id) != 20 || id[12] != '-' {
		return false
	}
	isDigit := func(c rune) bool { return '0' <= c && c <= '9' }
	isHex := func(c rune) bool { return isDigit(c) || 'a' <= c && c <= 'f' }
	isOther := func(is func(rune) bool) func(rune) bool { return func(c rune) bool { return !is(c) } }
	return !strings.ContainsFunc(id[:12], isOther(isDigit)) && !strings.ContainsFunc(id[13:], isOther(isHex))
}

var (
	calls atomic.Uint32
	seed  = sync.OnceValues(func() (start, step uint32) {
		var random [8]byte
		// It does not fail: the program ends where there is no randomness.
		_, _ = rand.Read(random[:])
		return binary.LittleEndian.Uint32(random[:4]), binary.LittleEndian.Uint32(random[4:]) | 1
	})
)

// freshNumber is the next of 2^28 numbers, none of which comes twice before all have come once: a counter times an
// odd number, from a random start. The platform refuses an id that comes again.
func freshNumber() uint32 {
	start, step := seed()
	return start + calls.Add(1)*step
}
