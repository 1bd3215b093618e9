/**
 * Signed, encrypted calls of the KONA PLATE Open API through OkHttp.
 *
 * <p>{@link konaplate.KonaplateInterceptor} is all that most programs need. The other classes are the pure pieces that
 * it is made of.
 */
package konaplate;
