package konaplate

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestTheDescriptionsExampleIsSigned(t *testing.T) {
	at := time.UnixMilli(1773539112345)
	body := []byte(`{"sequenceId":"BANK-20260315-000001"}`)
	want := "KMV1:20260315104512345:oJFzr2Y6V+Tp3Lr8AFjerDGgUDUvMWYHw0Ydkig1zAw="
	if token := Sign(secretText, body, at, KST); token != want {
		t.Errorf("token %s", token)
	}
	if time := TranTime(at, KST); time != "20260315104512" {
		t.Errorf("time %s", time)
	}
	if id := CorrelationID(at, KST, 0xf0a1b2c3); id != "260315104512-0a1b2c3" {
		t.Errorf("id %s", id)
	}
}

func TestNoNumberComesTwice(t *testing.T) {
	seen := map[uint32]bool{}
	for range 100_000 {
		number := freshNumber() & 0xfffffff
		if seen[number] {
			t.Fatalf("%x twice", number)
		}
		seen[number] = true
	}
}

func TestADecryptedMessageIsTheOneThatWasEncrypted(t *testing.T) {
	for _, plain := range []string{`{}`, `{"receiverName":"김코나 🎁"}`, strings.Repeat("a", 100_000)} {
		jwe, err := Encrypt(&testKey().PublicKey, []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		if decrypted, err := Decrypt(testKey(), jwe); err != nil || string(decrypted) != plain {
			t.Errorf("%v: %d bytes", err, len(decrypted))
		}
		for _, wrong := range []string{jwe + "\n", jwe + "=", jwe + ".", jwe[:len(jwe)-1], strings.ToLower(jwe)} {
			if _, err := Decrypt(testKey(), wrong); !errors.Is(err, ErrDecrypt) {
				t.Errorf("%v", err)
			}
		}
	}
}

func TestASettingThatCannotBeUsedIsNamedWithItsRule(t *testing.T) {
	for name, wrong := range map[string][]string{
		"KONAPLATE_BASE_URL": {
			"", "localhost:8787", "ftp://127.0.0.1", "http://example.com", "https://me:258036@example.com",
			"https://example.com/?258036", "https://", "https://example.com\n",
		},
		"KONAPLATE_ASP_ID":             {"", "258036", "95336500000000 ", "95336500000000\n"},
		"KONAPLATE_ACCESS_KEY":         {"", "258036"},
		"KONAPLATE_SECRET_KEY":         {"", "258036\n", " 258036"},
		"KONAPLATE_CRYPTO_KEY_ID":      {"", "258036", "é123456789abcdef0123456789abcde"},
		"KONAPLATE_SERVER_PUBLIC_KEY":  {"", "258036", "MjU4MDM2", "/etc/258036.pem"},
		"KONAPLATE_CLIENT_PRIVATE_KEY": {"", "258036", "MjU4MDM2", "-----BEGIN PRIVATE KEY-----\nMjU4MDM2\n-----END PRIVATE KEY-----\n"},
	} {
		for _, value := range wrong {
			values := variables("https://example.com")
			values[name] = value
			_, err := NewSettings(func(name string) string { return values[name] })
			if err == nil {
				t.Errorf("%s=%q is taken", name, value)
				continue
			}
			if !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "258036") {
				t.Errorf("%s=%q: %v", name, value, err)
			}
			if DeliveryOfError(err) != NotSent {
				t.Errorf("%s=%q: %s", name, value, DeliveryOfError(err))
			}
		}
	}
}

func TestKeysMayBePEM(t *testing.T) {
	values := variables("https://example.com/open-api/")
	for name, label := range map[string]string{
		"KONAPLATE_SERVER_PUBLIC_KEY": "PUBLIC KEY", "KONAPLATE_CLIENT_PRIVATE_KEY": "PRIVATE KEY",
	} {
		_, der, _ := readKey(values[name])
		values[name] = string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
	}
	settings, err := NewSettings(func(name string) string { return values[name] })
	if err != nil {
		t.Fatal(err)
	}
	if settings.BaseURL() != "https://example.com/open-api" {
		t.Errorf("base URL %s", settings.BaseURL())
	}
}

func TestSettingsArePrintedNowhere(t *testing.T) {
	settings := settingsFor(t, "https://example.com")
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("", "settings", settings, "transport", Transport{Settings: settings})
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("", "settings", settings)
	written, _ := json.Marshal(settings)
	inside := struct{ inside Settings }{settings}
	text := logged.String() + string(written) +
		fmt.Sprintf("%v %+v %#v %s %d %x", settings, settings, settings, settings, settings, settings) +
		fmt.Sprintf("%+v %#v %+v %#v", &Transport{Settings: settings}, Transport{Settings: settings}, inside, inside)
	for name, value := range variables("https://example.com") {
		if strings.Contains(text, value) {
			t.Errorf("%s is in %s", name, text)
		}
	}
}

func TestAWordOfDeliveryThatIsUnknownMeansMaybeProcessed(t *testing.T) {
	for _, c := range []struct {
		status int
		word   string
		want   Delivery
	}{
		{200, "", ""},
		{200, "declined", Declined},
		{400, "processed-unreadable", ProcessedUnreadable},
		{400, "no-idea", MaybeProcessed},
		{200, "no-idea", MaybeProcessed},
		{400, "", MaybeProcessed},
		{502, "", MaybeProcessed},
	} {
		response := &http.Response{StatusCode: c.status, Header: http.Header{}}
		if c.word != "" {
			response.Header.Set(DeliveryHeader, c.word)
		}
		if got := DeliveryOf(response); got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
	if DeliveryOfError(errors.New("of another kind")) != MaybeProcessed {
		t.Error("an error of another kind proves something")
	}
}
