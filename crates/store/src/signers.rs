use claviger_model::{ChangeNumber, CredentialId, Sealed, SignatureAlgorithm, Signer};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

fn read(fields: &mut Fields<'_>) -> Result<Signer, StoreError> {
    let (credential, word) = (fields.parsed()?, fields.text()?);
    let algorithm = SignatureAlgorithm::from_word(word);
    Ok(Signer {
        credential,
        algorithm: algorithm.ok_or_else(|| fields.corrupt("the algorithm is none"))?,
        sealed: Sealed(fields.bytes()?.to_vec()),
        debug_until: fields.optional_time()?,
    })
}

pub(crate) async fn by_id(mut on: Conn<'_>, id: CredentialId) -> Result<Option<Signer>, StoreError> {
    on.first(sql::SIGNER, &[id.into()], read).await
}

pub(crate) async fn put(mut on: Conn<'_>, signer: &Signer, number: ChangeNumber) -> Result<(), StoreError> {
    let args = [
        signer.credential.into(),
        signer.algorithm.as_str().into(),
        signer.sealed.0.as_slice().into(),
        signer.debug_until.into(),
        number.into(),
    ];
    on.execute(sql::PUT_SIGNER, &args).await.map(drop)
}
