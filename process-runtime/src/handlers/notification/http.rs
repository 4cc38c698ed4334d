//! Requests: one is sent, its answer is judged by its status.

use std::{
    io::Read,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ureq::{
    Agent, Error,
    http::{Request as HttpRequest, Uri, header::LOCATION},
    tls::{Certificate, RootCerts, TlsConfig},
};

use super::{super::secrets::Masker, letter::is_this_machine, requests::Request};

/// The longest that a request may take, from the look-up of its host to the end of its answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes of an answer that are read: only its beginning is told.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// The most characters of an answer that an error quotes.
const ANSWER_CHARS_MAX: usize = 300;

/// Sends a request, and returns the status of its answer.
pub(super) fn send(request: &Request, masker: &Masker) -> Result<u16, String> {
    sent(request, masker).map_err(|error| masker.mask(&error).into_owned())
}

fn sent(request: &Request, masker: &Masker) -> Result<u16, String> {
    let uri: Uri = request.url.parse().map_err(|_| "`url` is no address".to_owned())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or("`url` names no host")?.to_owned();
    let is_https = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err("`url` begins with neither `https://` nor `http://`".to_owned()),
    };
    let mut http = HttpRequest::builder().method(request.method).uri(uri);
    for (name, value) in &request.headers {
        http = http.header(name, value);
    }
    let http = http.body(request.body.as_slice());
    // What it says of a header may quote its value.
    let http =
        http.map_err(|_| "a header has a name or value that HTTP does not allow".to_owned())?;
    let agent = agent_for(&host, is_https)?;
    let mut answer =
        agent.run(http).map_err(|error| format!("cannot send to `{host}`: {}", why(&error)))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(status.as_u16());
    }
    let mut error = format!("`{host}` answered {status}");
    if let Some(to) = answer.headers().get(LOCATION).filter(|_| status.is_redirection()) {
        let to = String::from_utf8_lossy(to.as_bytes());
        error.push_str(&format!(" to `{}`, which is not followed", beginning(&masker.mask(&to))));
        return Err(error);
    }
    let mut body = Vec::new();
    // What could be read is worth telling.
    let _ = answer.body_mut().as_reader().take(ANSWER_BYTES_MAX).read_to_end(&mut body);
    let body = masker.mask_cut(&String::from_utf8_lossy(&body));
    if !body.trim().is_empty() {
        error.push_str(&format!(": {}", beginning(body.trim())));
    }
    Err(error)
}

fn agent_for(host: &str, is_https: bool) -> Result<Agent, String> {
    // A redirected POST would become a GET without its message, and take its headers elsewhere.
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .max_idle_connections(0)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("procside/", env!("CARGO_PKG_VERSION")));
    if is_this_machine(host) {
        config = config.proxy(None);
    }
    if is_https {
        config = config.tls_config(tls()?);
    }
    Ok(config.build().new_agent())
}

/// Returns how connections are encrypted, with the certificates that this machine trusts.
fn tls() -> Result<TlsConfig, String> {
    static ROOTS: OnceLock<Arc<Vec<Certificate<'static>>>> = OnceLock::new();

    let roots = ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        let found = found.certs.iter();
        Arc::new(found.map(|root| Certificate::from_der(root.as_ref()).to_owned()).collect())
    });
    if roots.is_empty() {
        return Err(
            "this machine trusts no certificates, without which there is no HTTPS".to_owned()
        );
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    Ok(config.root_certs(RootCerts::Specific(Arc::clone(roots))).build())
}

fn why(error: &Error) -> String {
    match error {
        Error::Timeout(_) => format!("it took longer than {TIMEOUT:?}"),
        Error::HostNotFound => "there is no such host".to_owned(),
        other => beginning(&other.to_string()),
    }
}

/// Returns the beginning of what somebody else wrote, on one line.
fn beginning(text: &str) -> String {
    let plain = text.chars().map(|at| if at.is_control() { ' ' } else { at });
    plain.take(ANSWER_CHARS_MAX).collect()
}
