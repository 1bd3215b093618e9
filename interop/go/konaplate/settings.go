package konaplate

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// Settings are who calls, where, and with which keys. Make them with [SettingsFromEnv] or [NewSettings]; they are
// safe to copy. They print as their type's name.
type Settings struct {
	// Behind a pointer, so that nothing that prints structs reaches it.
	checked *checked
}

type checked struct {
	baseURL                                *url.URL
	aspID, accessKey, secretKey, cryptoKey string
	serverPublicKey                        *rsa.PublicKey
	clientPrivateKey                       *rsa.PrivateKey
}

const printed = "konaplate.Settings"

// Format writes the type's name, whatever the verb.
func (Settings) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, printed) }

// MarshalText writes the type's name, for what logs as JSON.
func (Settings) MarshalText() ([]byte, error) { return []byte(printed), nil }

// SettingsFromEnv reads the settings from the environment: KONAPLATE_BASE_URL, KONAPLATE_ASP_ID,
// KONAPLATE_ACCESS_KEY, KONAPLATE_SECRET_KEY, KONAPLATE_CRYPTO_KEY_ID, KONAPLATE_SERVER_PUBLIC_KEY and
// KONAPLATE_CLIENT_PRIVATE_KEY.
//
// Keys are PEM, or DER in base64: the public one a SubjectPublicKeyInfo or an X.509 certificate, the private one
// PKCS#8; RSA of 2048 bits at least. An error is an [*Error] that names the variable and the rule.
func SettingsFromEnv() (Settings, error) { return NewSettings(os.Getenv) }

// NewSettings reads the same settings from elsewhere: get returns what a name of [SettingsFromEnv] stands for, and
// an empty text where it is not set.
func NewSettings(get func(name string) string) (Settings, error) {
	var s checked
	for _, setting := range []struct {
		name string
		read func(text string) (rule string)
	}{
		{"KONAPLATE_BASE_URL", s.readBaseURL},
		{"KONAPLATE_ASP_ID", readID(15, &s.aspID)},
		{"KONAPLATE_ACCESS_KEY", readID(40, &s.accessKey)},
		{"KONAPLATE_SECRET_KEY", func(text string) string { s.secretKey = text; return "" }},
		{"KONAPLATE_CRYPTO_KEY_ID", readID(32, &s.cryptoKey)},
		{"KONAPLATE_SERVER_PUBLIC_KEY", s.readPublicKey},
		{"KONAPLATE_CLIENT_PRIVATE_KEY", s.readPrivateKey},
	} {
		text := get(setting.name)
		if text == "" {
			return Settings{}, rule(setting.name, "is not set")
		}
		// A line end of a file, say: it would sign with another key, or be refused without a word of why.
		if strings.TrimSpace(text) != text && !strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN ") {
			return Settings{}, rule(setting.name, "must not begin or end with white space")
		}
		if broken := setting.read(text); broken != "" {
			return Settings{}, rule(setting.name, broken)
		}
	}
	return Settings{&s}, nil
}

// Client is an HTTP client that signs and encrypts, with the defaults of [Transport].
func (s Settings) Client() *http.Client { return &http.Client{Transport: &Transport{Settings: s}} }

// BaseURL is where the platform is: what generated clients are to be given as their server.
func (s Settings) BaseURL() string {
	if s.checked == nil {
		return ""
	}
	return s.checked.baseURL.String()
}

func (s *checked) readBaseURL(text string) (rule string) {
	base, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http":
		return "must be an absolute URL that starts with https:// or http://"
	case base.User != nil:
		return "must not hold a user or a password"
	case base.RawQuery != "" || base.Fragment != "":
		return "must end with its path, without ? or #"
	case base.Scheme == "http" && !isThisMachine(base.Hostname()):
		return "must start with https://: over plain HTTP keys and tokens can be read on the way"
	}
	s.baseURL = base
	return ""
}

func isThisMachine(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

func readID(length int, id *string) func(text string) (rule string) {
	return func(text string) (rule string) {
		if len(text) != length || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return fmt.Sprintf("must be exactly %d visible ASCII characters", length)
		}
		*id = text
		return ""
	}
}

func (s *checked) readPublicKey(text string) (rule string) {
	label, der, rule := readKey(text)
	if rule != "" {
		return rule
	}
	var key any
	if certificate, err := x509.ParseCertificate(der); err == nil && label != "PUBLIC KEY" {
		key = certificate.PublicKey
	} else if key, err = x509.ParsePKIXPublicKey(der); err != nil {
		return "must be a SubjectPublicKeyInfo or an X.509 certificate, in PEM or in base64 of DER"
	}
	public, isRSA := key.(*rsa.PublicKey)
	if !isRSA || public.N.BitLen() < 2048 {
		return "must be an RSA key of 2048 bits at least"
	}
	s.serverPublicKey = public
	return ""
}

func (s *checked) readPrivateKey(text string) (rule string) {
	_, der, rule := readKey(text)
	if rule != "" {
		return rule
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return "must be PKCS#8 without a passphrase, in PEM or in base64 of DER"
	}
	private, isRSA := key.(*rsa.PrivateKey)
	if !isRSA || private.N.BitLen() < 2048 {
		return "must be an RSA key of 2048 bits at least"
	}
	s.clientPrivateKey = private
	return ""
}

// readKey is the DER of a key in PEM, whose label it has, or in base64.
func readKey(text string) (label string, der []byte, rule string) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		return block.Type, block.Bytes, ""
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", nil, "must be PEM, or base64 of DER"
	}
	return "", der, ""
}
