//! Promise: a call that is not signed cannot be written. What sends is private, and progenitor's
//! hooks, without which its client does not compile, are where calls are signed.

#[test]
fn an_unsigned_call_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/unsigned/*.rs");
}
