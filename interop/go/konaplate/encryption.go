package konaplate

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// ErrDecrypt is the one error of everything that cannot be decrypted: an error that told which step failed would
// help whoever sends forged messages.
var ErrDecrypt = errors.New("konaplate: the message could not be decrypted")

// The header of an encrypted request, letter by letter.
const joseHeader = `{"enc":"A128GCM","alg":"RSA-OAEP-256"}`

var base64url = base64.RawURLEncoding

// Encrypt makes the compact JWE of a body that is sent.
//
// The steps are those of RFC 7516, section 5.1, with the primitives of the standard library: go-jose would write
// the members of the header in another order than the platform documents.
func Encrypt(key *rsa.PublicKey, plaintext []byte) (string, error) {
	contentKey, nonce := make([]byte, 16), make([]byte, 12)
	for _, random := range [][]byte{contentKey, nonce} {
		if _, err := rand.Read(random); err != nil {
			return "", err
		}
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, contentKey, nil)
	if err != nil {
		return "", err
	}
	block, err := aes.NewCipher(contentKey)
	if err != nil {
		return "", err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return "", err
	}
	header := base64url.EncodeToString([]byte(joseHeader))
	encrypted := gcm.Seal(nil, nonce, plaintext, []byte(header))
	content, tag := encrypted[:len(plaintext)], encrypted[len(plaintext):]
	parts := []string{header}
	for _, part := range [][]byte{wrapped, nonce, content, tag} {
		parts = append(parts, base64url.EncodeToString(part))
	}
	return strings.Join(parts, "."), nil
}

// Decrypt decrypts a compact JWE that came. It is strict about its form; the error is always [ErrDecrypt].
func Decrypt(key *rsa.PrivateKey, jwe string) ([]byte, error) {
	if !isStrict(jwe, key.Size()) {
		return nil, ErrDecrypt
	}
	message, err := jose.ParseEncryptedCompact(jwe,
		[]jose.KeyAlgorithm{jose.RSA_OAEP_256}, []jose.ContentEncryption{jose.A128GCM, jose.A256GCM})
	if err != nil {
		return nil, ErrDecrypt
	}
	plaintext, err := message.Decrypt(key)
	if err != nil {
		return nil, ErrDecrypt
	}
	return plaintext, nil
}

// isStrict says whether a JWE has the one form that is accepted: five parts, none empty, each the base64url that
// an encoder would write, of the right length, and a header without a name twice that asks for nothing more.
func isStrict(jwe string, keySize int) bool {
	parts := strings.Split(jwe, ".")
	if len(parts) != 5 {
		return false
	}
	var decoded [5][]byte
	for i, part := range parts {
		bytes, err := base64url.DecodeString(part)
		// Go's decoder skips line ends and ignores unused bits; what it read must be written the same.
		if err != nil || len(bytes) == 0 || base64url.EncodeToString(bytes) != part {
			return false
		}
		decoded[i] = bytes
	}
	if len(decoded[1]) != keySize || len(decoded[2]) != 12 || len(decoded[4]) != 16 {
		return false
	}
	header, ok := members(decoded[0], every)
	if !ok {
		return false
	}
	for _, name := range []string{"crit", "zip", "b64"} {
		if _, there := header[name]; there {
			return false
		}
	}
	alg, _ := asText(header["alg"])
	enc, _ := asText(header["enc"])
	return alg == "RSA-OAEP-256" && (enc == "A128GCM" || enc == "A256GCM")
}
