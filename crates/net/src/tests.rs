use crate::http::is_public;
#[test]
fn own_networks_are_not_public() {
    for address in [127.0.0.1, 10.1.2.3, 169.254.169.254, 192.168.0.1, 100.64.0.1, 0.0.0.0, ::1, ::ffff:10.0.0.1, fe80::1, fd00::1, "64:ff9b::a00:1", "2002:7f00:1::"] {
        assert!(!is_public(address), "{address}");
    }
    for address in ["93.184.215.14", "2606:2800:21f::1"] { assert!(is_public(address), "{address}"); }
}
