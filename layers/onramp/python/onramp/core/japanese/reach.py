"""Sentences of what keeps requests out, and what a client can call."""

SENTENCES = {
    "admit callers of this VPC by {key}: no address that is admitted now is in {cidrs}": (
        "この VPC の呼び出し元を {key} で許可してください: 今許可しているアドレスは、どれも {cidrs} にありません"
    ),
    "admit callers of this VPC in {group}: no address that is admitted now is in {cidrs}": (
        "この VPC の呼び出し元を {group} で許可してください: 今許可しているアドレスは、どれも {cidrs} にありません"
    ),
    # --- what keeps requests out
    "give {key} above 0 to a load balancer for these requests: all of theirs are 0": (
        "同じリクエストを受けるロードバランサーのどれかで {key} を 1 以上にしてください: 重みがすべて 0 です"
    ),
    "turn on {names} in {vpc}: without it names of Lattice do not resolve there": (
        "{vpc} で {names} を有効にしてください: 無効のままでは Lattice の名前を解決できません"
    ),
    "admit the callers in {group}: no rule of the security groups of this VPC in the network lets anybody in": (
        "{group} で呼び出し元を許可してください: この VPC がネットワークで使うセキュリティグループは誰も許可していませ"
        "ん"
    ),
    (
        "admit prefix list {list} {name} on TCP port {port}: what is admitted now is a part of it and Lattice may call "
        "from the rest"
    ): (
        "プレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: 今はその一部だけで、Lattice は残り"
        "からも呼び出します"
    ),
    "mind the default action of listener {listener}: what matches no rule is answered {answer}": (
        "リスナー {listener} のデフォルトアクションを確認してください: どのルールにも合わないリクエストに {answer} を返"
        "します"
    ),
    (
        "mend the health check or the targets: none is healthy and the load balancer sends to all as long as that is "
        "so: {states}"
    ): (
        "ヘルスチェックかターゲットを直してください: 正常なターゲットがなく、ロードバランサーはその間すべてに送ります: "
        "{states}"
    ),
    "add a listener {listener} or name one that is there in {key}: nothing listens on port {port}": (
        "リスナー {listener} を追加するか、{key} にあるリスナーを書いてください: ポート {port} で待ち受けていません"
    ),
    "set {key} to {listener}: the listener there does not speak {protocol}": (
        "{key} を {listener} にしてください: そのリスナーは {protocol} ではありません"
    ),
    (
        "admit prefix list {list} {name} on TCP port {port} in {group}: no security group of this load balancer lets "
        "Lattice in"
    ): (
        "{group} でプレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: このロードバランサーのセ"
        "キュリティグループは Lattice を許可していません"
    ),
    "admit prefix list {list} {name} on TCP port {port}: no security group of this load balancer lets Lattice in": (
        "プレフィックスリスト {list} {name} を TCP ポート {port} で許可してください: このロードバランサーのセキュリティ"
        "グループは Lattice を許可していません"
    ),
    (
        "add an HTTP listener that forwards and set {key} to it: Lattice calls {listener} only with the certificate of "
        "the service which has none of its own"
    ): (
        "転送する HTTP リスナーを追加し、{key} に書いてください: Lattice が {listener} に届くのはサービス自身の証明書の"
        "ときだけで、サービスは証明書を持っていません"
    ),
    (
        "add an HTTP listener that forwards and set {key} to it: Lattice calls {listener} only with the certificate of "
        "the service which has certificate {certificate}"
    ): (
        "転送する HTTP リスナーを追加し、{key} に書いてください: Lattice が {listener} に届くのはサービス自身の証明書 "
        "{certificate} のときだけです"
    ),
    "give listener {listener} a certificate for {host}: the one that it shows has ended on {date}": (
        "リスナー {listener} に {host} の証明書を付けてください: 今の証明書は {date} に期限が切れました"
    ),
    "give listener {listener} a certificate for {host}: none that it shows is for that name": (
        "リスナー {listener} に {host} の証明書を付けてください: 今の証明書はどれもその名前のものではありません"
    ),
    "name an HTTPS listener in {key}: {listener} speaks no TLS which is what passes through": (
        "{key} に HTTPS リスナーを書いてください: {listener} は TLS ではなく、パススルーで届くのは TLS です"
    ),
    "set {key} to an HTTP listener that forwards: {listener} sends every client away to {url}": (
        "{key} を転送する HTTP リスナーにしてください: {listener} はすべてのクライアントを {url} へリダイレクトします"
    ),
    "set {key} to an HTTP listener that forwards: {listener} sends every client away": (
        "{key} を転送する HTTP リスナーにしてください: {listener} はすべてのクライアントをリダイレクトします"
    ),
    (
        "set {key} to an HTTP listener that forwards or let this one forward: {listener} answers every request {answer}"
        " by itself"
    ): (
        "{key} を転送する HTTP リスナーにするか、このリスナーで転送してください: {listener} はすべてのリクエストに自分"
        "で {answer} を返します"
    ),
    "give a weight above 0 to a target group of listener {listener}: all are 0": (
        "リスナー {listener} のターゲットグループのどれかの重みを 1 以上にしてください: すべて 0 です"
    ),
    "register a target behind listener {listener}: its target groups are empty": (
        "リスナー {listener} の後ろにターゲットを登録してください: ターゲットグループが空です"
    ),
    "wait for the first health check behind listener {listener}: none is healthy: {states}": (
        "リスナー {listener} の後ろの最初のヘルスチェックを待ってください: 正常なターゲットがありません: {states}"
    ),
    "start or repair a target behind listener {listener}: none is healthy: {states}": (
        "リスナー {listener} の後ろのターゲットを起動するか直してください: 正常なターゲットがありません: {states}"
    ),
    # --- what a client can call
    "{services} - their names: onramp status --from {vpc}": "{services} - 名前の一覧: onramp status --from {vpc}",
    "{services} - {most} of them asks who calls - their names: onramp status --from {vpc}": (
        "{services} - うち {most} 件は呼び出し元を確認 - 名前の一覧: onramp status --from {vpc}"
    ),
    "{services} - {most} of them ask who calls - their names: onramp status --from {vpc}": (
        "{services} - うち {most} 件は呼び出し元を確認 - 名前の一覧: onramp status --from {vpc}"
    ),
}
