//! Wallets somebody has shown to hold the key of. [002 wallet_links]

use operation::Validate;
use serde::Serialize;

use super::WalletId;
use crate::access::wire;
use crate::kernel::text::Note;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::wire_enum::wire_enum;
use crate::text_type;

fn hex_rule(text: String) -> Result<String, String> {
    let text = text.to_lowercase();
    if text.bytes().all(|b| b.is_ascii_hexdigit()) { Ok(text) } else { Err("must be hexadecimal".to_owned()) }
}

text_type! {
    /// An Ed25519 public key: 32 bytes in hex.
    WalletAddress(64, 64, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", hex_rule),
    /// An Ed25519 signature: 64 bytes in hex.
    WalletSignature(128, 128, "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", hex_rule),
}

wire_enum! {
    /// The type of a wallet's key.
    pub enum WalletKind {
        /// Ed25519.
        Ed25519 "ed25519" "Ed25519",
    }
}

wire! {
    /// A linked wallet.
    pub struct Wallet {
        pub id: WalletId,
        pub kind: WalletKind,
        /// The public key in hex.
        pub address: String,
        pub label: String,
        pub verified_at: Timestamp,
    }

    /// The message a wallet must sign.
    pub struct WalletChallenge {
        /// Sign these very bytes (UTF-8).
        pub message: String,
        pub expires_at: Timestamp,
    }

    /// A wallet and the proof that one holds its key.
    #[serde(deny_unknown_fields)]
    pub struct NewWallet {
        pub kind: WalletKind,
        pub address: WalletAddress,
        pub label: Note,
        /// The challenge's message as it came.
        pub message: String,
        /// Signature of that message with the wallet's key.
        pub signature: WalletSignature,
    }
}
impl Validate for NewWallet {}
