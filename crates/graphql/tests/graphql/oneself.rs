//! What people do about themselves.

use serde_json::json;

use crate::world::{PASSWORD, World};

#[tokio::test]
async fn one_sees_where_one_is_signed_in_and_signs_out() {
    let world = World::new().await;
    let (here, there) = (world.token("max").await, world.token("max").await);
    let sessions = world.query(&here, "{ sessions { id kind account state hint } }").await;
    let sessions = sessions.data()["sessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    assert!(sessions.iter().all(|one| one["kind"] == "login-token" && one["state"] == "ACTIVE"));
    let other = sessions.iter().find(|one| there.ends_with(one["hint"].as_str().unwrap())).unwrap();
    let out = "mutation($id: ID) { signOut(id: $id) { id state } }";
    let ended = world.ask(&here, out, json!({ "id": other["id"] })).await;
    assert_eq!(ended.data()["signOut"], json!([{ "id": other["id"], "state": "REVOKED" }]));
    assert_eq!(world.query(&there, "{ whoAmI { id } }").await.status, 401);
    assert_eq!(world.ask(&here, out, json!({})).await.data()["signOut"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.query(&here, "{ whoAmI { id } }").await.status, 401);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let world = World::new().await;
    let max = world.token("max").await;
    let change = "mutation($old: String!, $new: String!) { changePassword(current: $old, password: $new) { username } }";
    let new = "plover dunlin knot";
    let wrong = world.ask(&max, change, json!({ "old": new, "new": new })).await;
    assert_eq!(wrong.code(), "wrong_password");
    let weak = world.ask(&max, change, json!({ "old": PASSWORD, "new": "password" })).await;
    assert_eq!(weak.code(), "invalid");
    let done = world.ask(&max, change, json!({ "old": PASSWORD, "new": new })).await;
    assert_eq!(done.data()["changePassword"]["username"], "max");
    assert_eq!(world.query(&max, "{ whoAmI { id } }").await.status, 401);
    let body = json!({ "username": "max", "password": new, "source": "LOCAL" });
    assert_eq!(world.post("/v2/api/login", None, &body).await.status, 200);
}

#[tokio::test]
async fn recovery_codes_take_the_place_of_one_time_codes() {
    let world = World::new().await;
    let max = world.token("max").await;
    world.enrol(&max).await;
    let codes = "mutation($p: String!) { newRecoveryCodes(current: $p) }";
    let codes = world.ask(&max, codes, json!({ "p": PASSWORD })).await;
    let code = codes.data()["newRecoveryCodes"][0].clone();
    let body = json!({ "username": "max", "password": PASSWORD, "source": "LOCAL", "recovery_code": code });
    assert_eq!(world.post("/v2/api/login", None, &body).await.status, 200);
    assert_eq!(world.post("/v2/api/login", None, &body).await.body["code"], "second_factor_wrong");
    let mut both = body.clone();
    both["code"] = json!("000000");
    assert_eq!(world.post("/v2/api/login", None, &both).await.status, 422);
    let remove = "mutation($p: String!) { removeTotp(current: $p) { secondFactorSince } }";
    let removed = world.ask(&max, remove, json!({ "p": PASSWORD })).await;
    assert_eq!(removed.data()["removeTotp"], json!({ "secondFactorSince": null }));
}
