use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use hardtack_core::store::SessionStore;
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;

use crate::support::{Result, create, key, record};

#[tokio::test]
#[ignore = "needs Redis"]
async fn a_server_is_trusted_only_with_its_certificate() -> Result {
    let folder = tempfile::tempdir()?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    let (certificate, secret) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-days", "2", "-keyout"])
        .arg(&secret)
        .arg("-out")
        .arg(&certificate)
        .output()?;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    fs::set_permissions(&secret, Permissions::from_mode(0o644))?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let _engine = Redis::start_with(&[
        &format!("tls-port {port}"),
        &format!("tls-cert-file {}", certificate.display()),
        &format!("tls-key-file {}", secret.display()),
        &format!("tls-ca-cert-file {}", certificate.display()),
        "tls-auth-clients no",
    ])?;
    let url = format!("rediss://:hardtack@localhost:{port}");
    assert!(RedisStore::connect(&url).await.is_err(), "nobody has signed it");
    let options = RedisStore::options().root_certificate(fs::read(&certificate)?);
    let store = options.connect(&url).await?;
    create(&store, &key(1), &record(b"data")).await?;
    assert_eq!(store.load(&key(1)).await?.map(|stored| stored.record), Some(record(b"data")));
    Ok(())
}
